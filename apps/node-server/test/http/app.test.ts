import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { HTTP_LIMITS, createHttpApp } from '../../src/http/app.ts'
import type { Health } from '../../src/http/app.ts'

const policy = { host: '127.0.0.1', allowRemote: false, allowedHosts: [], token: 'secret' }
const health: Health = { version: '1.2.3', peerId: '12D3', uptimeS: 5, addresses: [], peers: 2, shares: 1 }
const metrics = async (): Promise<{ contentType: string; text: string }> => ({
  contentType: 'text/plain',
  text: 'm 1\n'
})

let current: Health | undefined = health
const app = createHttpApp({ health: () => current, metrics, node: () => undefined }, policy)

afterEach(() => {
  current = health
})

test('/healthz tells how the node is', async () => {
  const response = await app.inject({ url: '/healthz', headers: { host: 'localhost' } })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({ status: 'ok', ...health })
})

test('/healthz is 503 while there is no node', async () => {
  current = undefined
  const response = await app.inject({ url: '/healthz', headers: { host: 'localhost' } })
  expect([response.statusCode, response.json()]).toEqual([503, { status: 'starting' }])
})

test('/metrics is what the registry says', async () => {
  const response = await app.inject({ url: '/metrics', headers: { host: '127.0.0.1:7070' } })
  expect([response.statusCode, response.headers['content-type'], response.body]).toEqual([200, 'text/plain', 'm 1\n'])
})

test.each(['/healthz', '/metrics', '/api/v1/limits', '/nowhere'])(
  '%s is refused under a name that is not ours',
  async (url) => {
    const response = await app.inject({ url, headers: { host: 'evil.example' } })
    expect(response.statusCode).toBe(403)
    expect(response.json()).toMatchObject({ code: 'ERR_HOST_NOT_ALLOWED' })
  }
)

test('anything else is 404, as a problem document', async () => {
  const response = await app.inject({ url: '/nowhere', headers: { host: 'localhost' } })
  expect(response.statusCode).toBe(404)
  expect(response.headers['content-type']).toContain('application/problem+json')
})

test('headers larger than the limit end the request', async () => {
  const server = createHttpApp({ health: () => health, metrics, node: () => undefined }, policy)
  await server.listen({ host: '127.0.0.1', port: 0 })
  try {
    const address = server.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const ask = async (padding: number): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = ''
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(
            `GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: ${'x'.repeat(padding)}\r\n\r\n`
          )
        })
        socket.on('data', (chunk) => (answer += chunk.toString()))
        socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
        socket.on('error', reject)
      })
    expect(await ask(HTTP_LIMITS.maxHeaderBytes / 2)).toContain('200')
    expect(await ask(HTTP_LIMITS.maxHeaderBytes + 1)).toContain('431')
  } finally {
    await server.close()
  }
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { MAX_UPNP_BODY_BYTES } from '../../../src/port-map/constants.ts'
import { fetchText } from '../../../src/port-map/upnp/http.ts'

async function serve(body: string, head: Record<string, string> = {}, status = 200): Promise<URL> {
  const server = createServer((_, response) => response.writeHead(status, head).end(body))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

test('a body of the longest length is read, one of a byte more is not', async () => {
  const { signal } = new AbortController()
  const longest = 'x'.repeat(MAX_UPNP_BODY_BYTES)
  expect(await fetchText(await serve(longest), { signal })).toHaveLength(MAX_UPNP_BODY_BYTES)
  await expect(fetchText(await serve(`${longest}x`), { signal })).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
})

test('a refused action has a body too, and a redirect is not followed', async () => {
  const { signal } = new AbortController()
  expect(await fetchText(await serve('718', {}, 500), { signal })).toBe('718')
  await expect(fetchText(await serve('', { location: 'http://127.0.0.1:1/' }, 302), { signal })).rejects.toThrow()
})

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/p2pshare-node-server.js', import.meta.url))

interface Ready {
  readonly v: 1
  readonly type: 'server.ready'
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly http: string
}

interface Server {
  readonly ready: Promise<Ready>
  readonly done: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Resolves with the first line of the log that has this message. */
  logged(msg: string): Promise<Record<string, unknown>>
  kill(signal: NodeJS.Signals): void
}

let directory: string
const children = new Set<ChildProcess>()

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'p2pshare-server-'))
})

afterEach(async () => {
  children.forEach((child) => child.kill('SIGKILL'))
  children.clear()
  await rm(directory, { recursive: true, force: true })
})

function start(env: Record<string, string> = {}, args: readonly string[] = []): Server {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      P2PSHARE_SERVER_HOME: join(directory, 'home'),
      // compiled code that is kept between starts
      XDG_CACHE_HOME: join(directory, 'cache'),
      P2PSHARE_SERVER_LISTEN: '/ip4/127.0.0.1/tcp/0',
      P2PSHARE_SERVER_HTTP_PORT: '0',
      P2PSHARE_SERVER_MDNS: '0',
      ...env
    }
  })
  children.add(child)
  const text = { stdout: '', stderr: '' }
  const checks = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
      checks.forEach((check) => check())
    })
  }
  const done = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, ...text }))
  })
  const until = async <T>(find: () => T | undefined): Promise<T> =>
    Promise.race([
      new Promise<T>((resolve) => {
        const check = (): void => {
          const found = find()
          if (found !== undefined) {
            resolve(found)
          }
        }
        checks.add(check)
        check()
      }),
      done.then((outcome): never => {
        throw new TypeError(`ended with ${outcome.code}: ${outcome.stderr}`)
      })
    ])
  const ready = until(() => (/^\{.*\n/.test(text.stdout) ? (JSON.parse(text.stdout) as Ready) : undefined))
  // a test that expects a failed start looks at `done` only
  ready.catch(() => undefined)
  return {
    ready,
    done,
    logged: async (msg) =>
      until(() =>
        text.stderr
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .find((line) => line['msg'] === msg)
      ),
    kill: (signal) => void child.kill(signal)
  }
}

test('starts, tells how it is, seeds, and stops with 0 on SIGTERM', async () => {
  await writeFile(join(directory, 'file.txt'), 'hello world\n')
  const missing = join(directory, 'missing')
  const server = start({ P2PSHARE_SERVER_SHARES: `${missing},${join(directory, 'file.txt')}` })
  const ready = await server.ready
  expect(ready).toMatchObject({ v: 1, type: 'server.ready' })
  expect(ready.addresses).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3/) as string])

  expect(await server.logged('share failed')).toMatchObject({ level: 'error', path: missing })
  expect(await server.logged('share ready')).toMatchObject({
    cid: 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4',
    ticket: expect.stringMatching(/^p2pshare1/) as string
  })
  const health = await fetch(`${ready.http}/healthz`)
  expect(health.status).toBe(200)
  expect(await health.json()).toMatchObject({
    status: 'ok',
    peerId: ready.peerId,
    peers: 0,
    shares: 1,
    version: '0.1.0'
  })
  const metrics = await (await fetch(`${ready.http}/metrics`)).text()
  expect(metrics).toContain('p2pshare_shares{state="complete"} 1')
  expect(metrics).toContain('libp2p_')

  const daemonFile = join(directory, 'home', 'daemon.json')
  expect((await stat(daemonFile)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(daemonFile, 'utf8'))).toMatchObject({
    url: ready.http,
    pid: expect.any(Number) as number
  })

  server.kill('SIGTERM')
  const { code, stdout, stderr } = await server.done
  expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 1 })
  expect(stderr).toContain('"msg":"stopped"')
  await expect(stat(daemonFile)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a page that made its own name point here is refused', async () => {
  const server = start()
  const { port } = new URL((await server.ready).http)
  const status = await new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: '/healthz', headers: { host: 'evil.example' } })
    asking.on('response', (response) => resolve(response.resume().statusCode))
    asking.on('error', reject)
    asking.end()
  })
  expect(status).toBe(403)
  server.kill('SIGINT')
  expect(await server.done).toMatchObject({ code: 0 })
})

test('limits are read and changed while it runs, with the token of daemon.json', async () => {
  const server = start({ P2PSHARE_SERVER_LIMITS_UPLOAD_BYTES_PER_SECOND: '4096' })
  const { http, peerId } = await server.ready
  const { token } = JSON.parse(await readFile(join(directory, 'home', 'daemon.json'), 'utf8')) as { token: string }
  const ask = async (method: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${http}/api/v1/limits`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    return { status: response.status, body: await response.json() }
  }
  expect((await fetch(`${http}/api/v1/limits`)).status).toBe(401)
  const configured = { uploadBytesPerSecond: 4096, downloadBytesPerSecond: null, shares: {}, peers: {} }
  expect(await ask('GET')).toEqual({ status: 200, body: configured })
  const patch = { uploadBytesPerSecond: null, peers: { [peerId]: { downloadBytesPerSecond: 2048 } } }
  expect(await ask('PATCH', patch)).toEqual({ status: 200, body: { ...configured, ...patch } })
  expect(await ask('PATCH', { peers: { nobody: {} } })).toMatchObject({ status: 400, body: { code: 'ERR_REQUEST' } })
  server.kill('SIGTERM')
  expect(await server.done).toMatchObject({ code: 0 })
})

test('the same identity comes back after a restart', async () => {
  const first = start()
  const { peerId } = await first.ready
  first.kill('SIGTERM')
  await first.done
  expect((await start().ready).peerId).toBe(peerId)
})

test.each([
  ['a bad value', { P2PSHARE_SERVER_HTTP_PORT: 'x' }, [], 'http.port'],
  ['an unknown variable', { P2PSHARE_SERVER_X: 'x' }, [], 'P2PSHARE_SERVER_X'],
  ['an address that others reach', { P2PSHARE_SERVER_HTTP_HOST: '0.0.0.0' }, [], 'http.host'],
  ['an unknown option', {}, ['--x'], '']
])('%s ends the start with 2, and one line that names it', async (_, env, args, key) => {
  const { code, stdout, stderr } = await start(env, args).done
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(JSON.parse(stderr)).toMatchObject({
    level: 'fatal',
    code: 'ERR_CONFIG',
    key,
    advice: expect.any(String) as string
  })
})

test('an HTTP port that is taken ends the start with 5, and leaves nothing running', async () => {
  const { port } = new URL((await start().ready).http)
  const second = await start({ P2PSHARE_SERVER_HTTP_PORT: port, P2PSHARE_SERVER_HOME: join(directory, 'other') }).done
  expect(second).toMatchObject({ code: 5, stdout: '' })
  expect(second.stderr).toContain('EADDRINUSE')
})

test('--help and --version answer and end', async () => {
  expect(await start({}, ['--version']).done).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' })
  const help = await start({}, ['--help']).done
  expect(help.stdout).toContain('P2PSHARE_SERVER_HTTP_ALLOW_REMOTE')
})

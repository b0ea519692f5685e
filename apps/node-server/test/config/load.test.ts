import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULTS } from '../../src/config/defaults.ts'
import { MAX_CONFIG_BYTES, loadConfig } from '../../src/config/load.ts'
import {
  MAX_ADDRESSES,
  MAX_RELAY_RESERVATIONS,
  MAX_SHARES,
  MAX_TEXT_LENGTH,
  MAX_SCRUB_DAYS,
  MIN_BYTES_PER_SECOND
} from '../../src/config/schema.ts'
import type { Config } from '../../src/config/schema.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const ADDRESS = '/ip4/127.0.0.1/tcp/1'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'p2pshare-server-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

async function fromFile(content: unknown, env: Record<string, string> = {}): Promise<Config> {
  const file = join(directory, 'server.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return loadConfig({ argv: ['--config', file], env, cwd: directory })
}

const fromEnv = async (env: Record<string, string>): Promise<Config> => loadConfig({ argv: [], env, cwd: directory })

test('without a file or variables everything has its default', async () => {
  const { home, ...rest } = await fromEnv({ PATH: '/bin', P2PSHARE_JSON: '1' })
  expect(rest).toEqual(DEFAULTS)
  expect(home).toMatch(/p2pshare/)
})

test('reads every key of a file; its paths are relative to it', async () => {
  const content = {
    home: 'state',
    listen: [ADDRESS],
    announce: ['/dns4/example.org/tcp/7071'],
    bootstrap: [`${ADDRESS}/p2p/${PEER}`],
    networkKey: 'swarm.key',
    allowNetworks: ['10.0.0.0/8'],
    mdns: false,
    http: { host: '0.0.0.0', port: 0, allowRemote: true, allowedHosts: ['example.org'] },
    relay: { enabled: false, maxReservations: 7, maxBytes: 8, maxDurationMs: 9 },
    stun: { otherPort: 3479 },
    limits: { uploadBytesPerSecond: MIN_BYTES_PER_SECOND, downloadBytesPerSecond: 5000 },
    scrub: { everyDays: MAX_SCRUB_DAYS, bytesPerSecond: MIN_BYTES_PER_SECOND },
    shares: ['files', '/abs'],
    log: { level: 'warn' }
  }
  expect(await fromFile(content)).toEqual({
    ...content,
    home: join(directory, 'state'),
    networkKey: join(directory, 'swarm.key'),
    shares: [join(directory, 'files'), '/abs']
  })
})

test('reads every key from the environment', async () => {
  const config = await fromEnv({
    P2PSHARE_SERVER_HOME: '/h',
    P2PSHARE_SERVER_LISTEN: `${ADDRESS}, /ip6/::1/tcp/2`,
    P2PSHARE_SERVER_ANNOUNCE: '',
    P2PSHARE_SERVER_BOOTSTRAP: `${ADDRESS}/p2p/${PEER}`,
    P2PSHARE_SERVER_NETWORK_KEY: '/k',
    P2PSHARE_SERVER_ALLOW_NETWORKS: '10.0.0.0/8',
    P2PSHARE_SERVER_MDNS: 'no',
    P2PSHARE_SERVER_HTTP_HOST: '::1',
    P2PSHARE_SERVER_HTTP_PORT: '0',
    P2PSHARE_SERVER_HTTP_ALLOW_REMOTE: 'true',
    P2PSHARE_SERVER_HTTP_ALLOWED_HOSTS: 'a,b',
    P2PSHARE_SERVER_RELAY_ENABLED: '0',
    P2PSHARE_SERVER_STUN_OTHER_PORT: '0',
    P2PSHARE_SERVER_LIMITS_UPLOAD_BYTES_PER_SECOND: '4096',
    P2PSHARE_SERVER_SCRUB_EVERY_DAYS: '0',
    P2PSHARE_SERVER_SHARES: '["/a,b"]',
    P2PSHARE_SERVER_LOG_LEVEL: 'silent'
  })
  expect(config).toEqual({
    home: '/h',
    listen: [ADDRESS, '/ip6/::1/tcp/2'],
    announce: [],
    bootstrap: [`${ADDRESS}/p2p/${PEER}`],
    networkKey: '/k',
    allowNetworks: ['10.0.0.0/8'],
    mdns: false,
    http: { host: '::1', port: 0, allowRemote: true, allowedHosts: ['a', 'b'] },
    relay: { enabled: false },
    stun: { otherPort: 0 },
    limits: { uploadBytesPerSecond: 4096 },
    scrub: { everyDays: 0 },
    shares: ['/a,b'],
    log: { level: 'silent' }
  })
})

test('the environment is stronger than the file, key by key', async () => {
  const config = await fromFile({ http: { host: '127.0.0.2', port: 1 } }, { P2PSHARE_SERVER_HTTP_PORT: '2' })
  expect(config.http).toEqual({ ...DEFAULTS.http, host: '127.0.0.2', port: 2 })
})

test('the file may be named in the environment', async () => {
  await writeFile(join(directory, 'c.json'), '{"mdns":false}')
  expect((await fromEnv({ P2PSHARE_SERVER_CONFIG: 'c.json' })).mdns).toBe(false)
})

test.each([
  ['zzz', { zzz: 1 }],
  ['http.zzz', { http: { zzz: 1 } }],
  ['home', { home: '' }],
  ['home', { home: 'x'.repeat(MAX_TEXT_LENGTH + 1) }],
  ['listen', { listen: ADDRESS }],
  ['listen[1]', { listen: [ADDRESS, 7] }],
  ['listen[0]', { listen: ['localhost:80'] }],
  ['listen', { listen: Array.from({ length: MAX_ADDRESSES + 1 }, () => ADDRESS) }],
  ['announce[0]', { announce: ['x'] }],
  ['bootstrap[0]', { bootstrap: ['localhost:4001'] }],
  ['mdns', { mdns: 'yes' }],
  ['http', { http: 7070 }],
  ['http.host', { http: { host: 1 } }],
  ['http.host', { http: { host: '0.0.0.0' } }],
  ['http.host', { http: { host: '192.168.1.4' } }],
  ['http.port', { http: { port: 65536 } }],
  ['limits.uploadBytesPerSecond', { limits: { uploadBytesPerSecond: MIN_BYTES_PER_SECOND - 1 } }],
  ['scrub.everyDays', { scrub: { everyDays: MAX_SCRUB_DAYS + 1 } }],
  ['scrub.everyDays', { scrub: { everyDays: -1 } }],
  ['scrub.bytesPerSecond', { scrub: { bytesPerSecond: MIN_BYTES_PER_SECOND - 1 } }],
  ['limits.downloadBytesPerSecond', { limits: { downloadBytesPerSecond: '4M' } }],
  ['http.port', { http: { port: -1 } }],
  ['http.port', { http: { port: 1.5 } }],
  ['http.port', { http: { port: '80' } }],
  ['http.allowRemote', { http: { allowRemote: 1 } }],
  ['http.allowedHosts', { http: { allowedHosts: 'x' } }],
  ['relay.enabled', { relay: { enabled: 'on' } }],
  ['relay.zzz', { relay: { zzz: 1 } }],
  ['relay.maxReservations', { relay: { maxReservations: 0 } }],
  ['relay.maxReservations', { relay: { maxReservations: MAX_RELAY_RESERVATIONS + 1 } }],
  ['relay.maxBytes', { relay: { maxBytes: 0.5 } }],
  ['relay.maxDurationMs', { relay: { maxDurationMs: 2 ** 31 } }],
  ['shares', { shares: 'x' }],
  ['shares', { shares: Array.from({ length: MAX_SHARES + 1 }, () => 'x') }],
  ['log.level', { log: { level: 'loud' } }],
  ['', []],
  ['', 'null'],
  ['', '{ not json']
])('refuses a bad %s and names it', async (key, content) => {
  await expect(fromFile(content)).rejects.toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG', fault: 'user', key })
})

test('a message says what is wrong and where', async () => {
  await expect(fromFile({ log: { level: 'loud' } })).rejects.toThrow(
    /server\.json: log\.level must be one of fatal, error/
  )
  await expect(fromFile({ zzz: 1 })).rejects.toThrow(/server\.json: zzz is not a known key/)
  await expect(fromFile({ http: { host: '0.0.0.0' } })).rejects.toThrow(/http\.allowRemote/)
})

test.each([
  ['P2PSHARE_SERVER_ZZZ', 'x', 'P2PSHARE_SERVER_ZZZ'],
  ['P2PSHARE_SERVER_HTTP_PORT', 'many', 'http.port'],
  ['P2PSHARE_SERVER_HTTP_PORT', '65536', 'http.port'],
  ['P2PSHARE_SERVER_MDNS', 'perhaps', 'mdns'],
  ['P2PSHARE_SERVER_SHARES', '[1', 'shares'],
  ['P2PSHARE_SERVER_SHARES', '[1]', 'shares[0]'],
  ['P2PSHARE_SERVER_LISTEN', 'x', 'listen[0]'],
  ['P2PSHARE_SERVER_HOME', '', 'home'],
  ['P2PSHARE_SERVER_HTTP_HOST', '0.0.0.0', 'http.host']
])('refuses %s=%s', async (name, value, key) => {
  await expect(fromEnv({ [name]: value })).rejects.toMatchObject({ code: 'ERR_CONFIG', key })
})

test('takes lists and texts of the largest size', async () => {
  const config = await fromFile({
    relay: { maxReservations: MAX_RELAY_RESERVATIONS, maxDurationMs: 2 ** 31 - 1 },
    home: `/${'x'.repeat(MAX_TEXT_LENGTH - 1)}`,
    listen: Array.from({ length: MAX_ADDRESSES }, () => ADDRESS),
    shares: Array.from({ length: MAX_SHARES }, () => '/x')
  })
  expect([config.listen.length, config.shares.length]).toEqual([MAX_ADDRESSES, MAX_SHARES])
})

test('reads a file of the largest size, and not one byte more', async () => {
  expect((await fromFile('{}'.padEnd(MAX_CONFIG_BYTES))).mdns).toBe(true)
  await expect(fromFile('{}'.padEnd(MAX_CONFIG_BYTES + 1))).rejects.toThrow(/larger than/)
})

test('a file that is not there is a configuration error', async () => {
  const loading = loadConfig({ argv: ['--config', join(directory, 'none')], env: {}, cwd: directory })
  await expect(loading).rejects.toMatchObject({
    code: 'ERR_CONFIG',
    message: `${join(directory, 'none')}: cannot be read (ENOENT)`
  })
})

test.each([[['--port', '1']], [['--config']], [['--config', 'a', 'b']], [['--config=']]])(
  'refuses the command line %j',
  async (argv) => {
    await expect(loadConfig({ argv, env: {}, cwd: directory })).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  }
)

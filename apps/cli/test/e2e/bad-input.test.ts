import { randomFillSync } from 'node:crypto'
import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { events, sameBytes, useWorld } from './harness.ts'

const MIB = 1024 * 1024
/** Nobody has it. */
const UNKNOWN = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
const world = useWorld()

/** One sender for all tests of this file. */
const sender = useWorld('file')
let path: string
let ticket: string
let address: string

beforeAll(async () => {
  path = await sender.randomFile('f', 8 * MIB)
  const ready = JSON.parse(await sender.start('sender', ['share', path, '--json']).line()) as {
    ticket: string
    addresses: string[]
  }
  ticket = ready.ticket
  address = ready.addresses[0]?.replace(/\/p2p\/.*/, '') ?? ''
})

test.each([
  ['no command', []],
  ['no command of a group', ['dht']],
  ['an unknown command', ['frobnicate']],
  ['an unknown option', ['share', 'x', '--frobnicate']],
  ['no argument', ['get']],
  ['too many arguments', ['find', 'a', 'b']],
  ['a bad duration', ['peers', '--timeout', 'soon']],
  ['a bad stall timeout', ['get', UNKNOWN, '--stall-timeout', 'soon']],
  ['a bad address', ['peers', '--listen', 'localhost']],
  ['a rate in bits', ['peers', '--limit-up', '4Mbit']],
  ['a bad profile', ['id', '.', '--profile', 'x']],
  ['a malformed ticket', ['get', 'p2pshare1aaaaaaaa']],
  ['a malformed content id to find', ['find', 'bafynonsense']],
  ['a name that leaves the directory', ['get', UNKNOWN, '--name', '../x']]
])('%s exits with 2 and says what to do', async (_, args) => {
  const { code, stdout, stderr } = await world.run('home', args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^error ERR_[A-Z_]+ {2}\S/m)
  expect(stderr).toMatch(/ {2}try: \S/)
})

test('with --json the same is one line on stdout', async () => {
  const { code, stdout, stderr } = await world.run('home', ['get', '--json'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ v: 1, type: 'error', code: 'ERR_USAGE', exit: 2 })
})

test('with --json nothing else is printed when a command is missing', async () => {
  const { code, stdout, stderr } = await world.run('home', ['network', '--json'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'ERR_USAGE', message: 'no command is given' })
})

test('a damaged ticket is refused', async () => {
  const damaged = ticket.replace(/.{9}$/, (end) => (end.startsWith('a') ? 'b' : 'a') + end.slice(1))
  const got = await world.run('getter', ['get', damaged])
  expect(got).toMatchObject({ code: 2, stdout: '' })
  expect(got.stderr).toContain('ERR_INVALID_TICKET')
})

test('content that nobody has is not found', async () => {
  const got = await world.run('getter', ['get', UNKNOWN, '--timeout', '1s', '--json'])
  expect(got.code).toBe(3)
  expect(events(got).at(-2)).toMatchObject({ type: 'error', code: 'ERR_CONTENT_NOT_FOUND', exit: 3 })
  expect(events(got).at(-1)).toMatchObject({ type: 'transfer.done', ok: false, exit: 3 })
})

test.each(['get', 'find'])('%s blames the node to join through when that does not answer', async (command) => {
  const nowhere = '/ip4/127.0.0.1/tcp/1'
  const got = await world.run('getter', [command, UNKNOWN, '--timeout', '1s', '--bootstrap', nowhere])
  expect(got).toMatchObject({ code: 5, stdout: '' })
  expect(got.stderr).toContain(`ERR_BOOTSTRAP_UNREACHABLE  no answer from ${nowhere}`)
})

test('content of an unknown kind is refused before anybody is asked for it', async () => {
  const got = await world.run('getter', ['get', 'bafyreigdmqpykrgxyaxtlafqpqhzrb7qy2rh75nldvfd4tucqmqqme5yje'])
  expect(got).toMatchObject({ code: 6, stdout: '' })
  expect(got.stderr).toContain('ERR_UNSUPPORTED_DAG')
})

test('a sender whose bytes are not those it announced is not believed', async () => {
  const file = await world.randomFile('lie', 2 * MIB)
  const announced = new Date(1_700_000_000_000)
  await utimes(file, announced, announced)
  const lie = await world.start('liar', ['share', file]).line()
  await writeFile(file, randomFillSync(new Uint8Array(2 * MIB)), { flag: 'r+' })
  await utimes(file, announced, announced)
  const got = await world.run('getter', ['get', lie, '-o', 'in'])
  expect(got).toMatchObject({ code: 6, stdout: '' })
  expect(got.stderr).toMatch(/ERR_VERIFICATION_FAILED[^]*try: /)
  expect(await readdir(join(world.directory, 'in')).catch(() => [])).not.toContain('lie')
})

test('find says so when there is nobody', async () => {
  const found = await world.run('getter', ['find', UNKNOWN, '--timeout', '1s'])
  expect(found).toMatchObject({ code: 3, stdout: '' })
  expect(found.stderr).toContain('ERR_CONTENT_NOT_FOUND')
})

test('a sender that is gone cannot be reached', async () => {
  const sharing = world.start('sharer', ['share', await world.randomFile('g', 10)])
  const stale = await sharing.line()
  sharing.kill('SIGTERM')
  await sharing.done
  const got = await world.run('getter', ['get', stale, '--timeout', '6s'])
  expect(got).toMatchObject({ code: 5, stdout: '' })
  expect(got.stderr).toMatch(/ERR_PROVIDERS_UNREACHABLE[^]*try: check that the sender is still running/)
})

test('--stall-timeout ends a get to which nothing comes, with the cause', async () => {
  const got = await world.run('getter', ['get', UNKNOWN, '--stall-timeout', '1s', '--json'])
  expect(got).toMatchObject({ code: 4, stderr: '' })
  expect(got.stdout).toContain('no verified byte for 1 s: no-peer')
  expect(events(got).at(-1)).toMatchObject({
    type: 'transfer.done',
    ok: false,
    exit: 4,
    cause: 'no-peer',
    bytesUseful: 0
  })
})

test('another file at the target is left alone', async () => {
  const output = join(world.directory, 'in')
  await mkdir(output)
  await writeFile(join(output, 'f'), 'precious')
  const got = await world.run('getter', ['get', ticket, '-o', output])
  expect(got).toMatchObject({ code: 7, stdout: '' })
  expect(got.stderr).toContain('ERR_TARGET_EXISTS')
  expect(await readdir(output)).toEqual(['f'])
  expect(await readFile(join(output, 'f'), 'utf8')).toBe('precious')
})

test('the same file at the target is not fetched again', async () => {
  await mkdir(join(world.directory, 'in'))
  await writeFile(join(world.directory, 'in', 'f'), await readFile(path))
  const again = await world.run('getter', ['get', ticket, '-o', 'in', '--json'])
  expect(again).toMatchObject({ code: 0 })
  const done = events(again).at(-1) as { bytesReceived: number }
  expect(done.bytesReceived).toBeLessThan(MIB)
})

test('a disk that takes no more exits with 7, and the same command goes on when there is room', async () => {
  const args = ['get', ticket, '-o', 'in']
  const full = await world.run('getter', args, { fileBlocks: (4 * MIB) / 512 })
  expect(full).toMatchObject({ code: 7, stdout: '' })
  expect(full.stderr).toMatch(/ERR_DISK[^]*try: /)
  expect(await world.run('getter', args)).toMatchObject({ code: 0 })
  expect(await sameBytes(join(world.directory, 'in', 'f'), path)).toBe(true)
})

test('a path that is not there is a disk error', async () => {
  const shared = await world.run('sharer', ['share', 'nothing-here'])
  expect(shared).toMatchObject({ code: 7, stdout: '' })
  expect(shared.stderr).toContain('nothing-here')
})

test('an address that is taken is a network error', async () => {
  const other = await world.run('other', ['peers', '--listen', address])
  expect(other).toMatchObject({ code: 5, stdout: '' })
  expect(other.stderr).toContain('--listen')
})

test('a home that cannot be written is a disk error', async () => {
  const file = await world.randomFile('file', 1)
  const got = await world.run('x', ['peers', '--home', join(file, 'home')])
  expect(got).toMatchObject({ code: 7, stdout: '' })
  expect(got.stderr).toContain('--home')
})

test('a bad configuration of the daemon names the key', async () => {
  const file = join(world.directory, 'server.json')
  await writeFile(file, '{"http":{"port":"high"}}')
  const started = await world.run('server', ['daemon', '--config', file])
  expect(started).toMatchObject({ code: 2, stdout: '' })
  expect(JSON.parse(started.stderr)).toMatchObject({ code: 'ERR_CONFIG', key: 'http.port' })
})

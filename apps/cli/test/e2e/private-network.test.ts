import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { events, sameBytes, startSharer, useWorld } from './harness.ts'
import type { Sharer } from './harness.ts'

const world = useWorld('file')
let key: string
let path: string
let sharer: Sharer

beforeAll(async () => {
  key = await newKey('family.key')
  path = await world.randomFile('photo.jpg', 300_000)
  sharer = await startSharer(world, 'sharer', ['--network-key', key], path)
})

async function newKey(name: string): Promise<string> {
  const made = await world.run('maker', ['network', 'new', name])
  expect(made).toMatchObject({ code: 0, stdout: `${join(world.directory, name)}\n` })
  return made.stdout.trim()
}

test('network new writes a key that only its owner can read, and says what to do with it', async () => {
  const made = await world.run('maker', ['network', 'new', 'work.key', '--json'])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const file = join(world.directory, 'work.key')
  expect(events(made)).toEqual([
    { v: 1, type: 'network.key', path: file, fingerprint: expect.stringMatching(/^[\da-f]{16}$/) as string }
  ])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const told = await world.run('maker', ['network', 'new', 'more.key'])
  expect(told.stderr).toContain(`p2pshare --network-key ${join(world.directory, 'more.key')} daemon`)
})

test('two that have the key meet, and a file goes from one to the other', async () => {
  const got = await world.run('getter', ['get', sharer.ticket, '-o', 'in', '--network-key', key])
  expect(got).toMatchObject({ code: 0, stdout: `${join(world.directory, 'in', 'photo.jpg')}\n` })
  expect(await sameBytes(join(world.directory, 'in', 'photo.jpg'), path)).toBe(true)
})

test.each([
  ['another key', async () => ['--network-key', await newKey('other.key')]],
  ['no key', async () => []]
])('with %s nobody of that network is reached', async (name, keyOf) => {
  const args = ['get', sharer.ticket, '-o', 'nothing', '--timeout', '3s', '--json', ...(await keyOf())]
  const got = await world.run(`with ${name}`, args)
  expect(got).toMatchObject({ code: 5, stderr: '' })
  expect(events(got).at(-2)).toMatchObject({ type: 'error', code: 'ERR_PROVIDERS_UNREACHABLE', exit: 5 })
})

test('a key is never written over what is there', async () => {
  const before = await readFile(key, 'utf8')
  const made = await world.run('maker', ['network', 'new', key])
  expect(made).toMatchObject({ code: 2, stdout: '' })
  expect(made.stderr).toMatch(/^error ERR_NETWORK_KEY_EXISTS {2}\S+family\.key is there already\n {2}try: /)
  expect(await readFile(key, 'utf8')).toBe(before)
})

test('a place where no key can be written is a disk error', async () => {
  const made = await world.run('maker', ['network', 'new', 'not/there/key', '--json'])
  expect(made).toMatchObject({ code: 7, stderr: '' })
  expect(events(made)).toMatchObject([
    {
      type: 'error',
      code: 'ERR_NETWORK_KEY_NOT_WRITTEN',
      exit: 7,
      advice: expect.stringContaining('directory') as string
    }
  ])
})

test('a key that others can read, or that is none, starts no node', async () => {
  const open = await newKey('open.key')
  await chmod(open, 0o644)
  const [shared, missing] = await Promise.all([
    world.run('open', ['peers', '--network-key', open]),
    world.run('missing', ['peers', '--network-key', 'no.key'])
  ])
  expect([shared.code, missing.code, shared.stdout + missing.stdout]).toEqual([2, 2, ''])
  expect(shared.stderr).toMatch(/error ERR_NETWORK_KEY_PERMISSIONS[^]*try: .*chmod 600/)
  expect(missing.stderr).toMatch(/error ERR_INVALID_NETWORK_KEY[^]*try: .*p2pshare network new/)
})

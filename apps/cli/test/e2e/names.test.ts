import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { events, startHub, useWorld } from './harness.ts'
import type { Hub } from './harness.ts'

/** Of a key that nobody has. */
const UNKNOWN_NAME = 'k51qzi5uqu5dm0t4vbwri4lkg76q03b4x9tsvekgvbu4zli6454ff7w8wdosa4'
const OTHER_CID = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

const world = useWorld('file')
let hub: Hub

beforeAll(async () => {
  hub = await startHub(world)
})

test('a name that one publishes resolves for another, to the newest of what was published', async () => {
  const first = await hub.join('owner', 'publish', 'holiday', hub.cid)
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^k51[\da-z]+\n$/) as string })
  const name = first.stdout.trim()
  expect(await readdir(join(world.directory, 'owner', 'names'))).toEqual(['holiday.key'])
  expect(await hub.join('reader', 'resolve', name)).toMatchObject({ code: 0, stdout: `${hub.cid}\n` })

  const second = await hub.join('owner', 'publish', 'holiday', OTHER_CID, '--json')
  expect(second).toMatchObject({ code: 0, stderr: '' })
  expect(events(second)).toMatchObject([{ v: 1, type: 'name.published', name, cid: OTHER_CID, sequence: '1' }])
  const resolved = events(await hub.join('reader', 'resolve', `/ipns/${name}`, '--json'))
  expect(resolved).toMatchObject([{ v: 1, type: 'name.resolved', name, cid: OTHER_CID, path: '', sequence: '1' }])
  expect(await hub.join('owner', 'resolve', 'holiday')).toMatchObject({ code: 0, stdout: `${OTHER_CID}\n` })
})

test('publish --keep goes on until it is told to end', async () => {
  const keeping = world.start('keeper', ['publish', 'kept', hub.cid, '--keep', '--bootstrap', hub.address])
  await keeping.says(/Keeping it published/)
  keeping.kill('SIGTERM')
  expect(await keeping.done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^k51/) as string })
})

test('a name that nobody knows is not found', async () => {
  const resolved = await hub.join('reader', 'resolve', UNKNOWN_NAME)
  expect(resolved).toMatchObject({ code: 3, stdout: '' })
  expect(resolved.stderr).toMatch(/error ERR_NAME_UNRESOLVED {2}nobody knows what k51[^]*try: .*publish it again/)
})

test.each([
  ['publish', ['publish', '../up', OTHER_CID], "'../up' cannot be the name of a key"],
  ['publish', ['publish', 'holiday', 'bafynonsense'], 'not a CID, a ticket or a link'],
  ['resolve', ['resolve', 'holidya'], "'holidya' is no name of this home"],
  ['resolve', ['resolve', `${UNKNOWN_NAME}x`], 'is not a name']
])('%s says what is wrong with a name or a content id before anything starts', async (_, args, message) => {
  const got = await world.run('typo', [...args, '--json'])
  expect(got).toMatchObject({ code: 2, stderr: '' })
  expect(events(got)).toMatchObject([
    {
      type: 'error',
      exit: 2,
      message: expect.stringContaining(message) as string,
      advice: expect.any(String) as string
    }
  ])
})

test.each([
  ['publish', ['publish', 'mine', OTHER_CID]],
  ['resolve', ['resolve', UNKNOWN_NAME]],
  ['dht provide', ['dht', 'provide', OTHER_CID]]
])('%s blames the node to join through when that does not answer', async (name, args) => {
  const got = await world.run(`lonely ${name}`, [...args, '--bootstrap', '/ip4/127.0.0.1/tcp/1'])
  expect(got.code).toBe(5)
  expect(got.stderr).toContain('ERR_BOOTSTRAP_UNREACHABLE  no answer from /ip4/127.0.0.1/tcp/1')
})

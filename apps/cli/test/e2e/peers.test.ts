import { beforeAll, expect, test } from 'vitest'
import { events, lookUntil, rows, startHub, startSharer, useWorld } from './harness.ts'
import type { Hub, Outcome } from './harness.ts'

/** A peer that is not there. */
const NOBODY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

const world = useWorld('file')
let hub: Hub

beforeAll(async () => {
  hub = await startHub(world)
})

const looked = async (...args: string[]): Promise<Outcome> =>
  lookUntil(world, 'me', [...args, '--bootstrap', hub.address], ({ stdout }) => stdout.includes(hub.peerId))

test('peers lists who is there, a peer a line', async () => {
  const listed = await looked('peers')
  expect(listed.code).toBe(0)
  expect(rows(listed)).toEqual([
    [
      hub.peerId,
      'direct',
      hub.address,
      expect.stringMatching(/^(-|[\d.]+ ms)$/) as string,
      expect.any(String) as string,
      '-'
    ]
  ])
  const [peer] = events(await looked('peers', '--json'))
  expect(peer).toMatchObject({ v: 1, type: 'peer', peer: hub.peerId, path: 'direct', address: hub.address })
})

test('peers says how to meet somebody when nobody is there', async () => {
  const listed = await world.run('alone', ['peers', '--timeout', '100ms'])
  expect(listed).toMatchObject({ code: 0, stdout: '' })
  expect(listed.stderr).toContain('nobody else is there: name a node with --bootstrap')
})

test('peers why tells which path there is to a peer, named by its address', async () => {
  const told = await world.run('why', ['peers', 'why', hub.address])
  expect(told.code).toBe(0)
  expect(told.stdout).toMatch(new RegExp(`^${hub.peerId}\\n {2}direct[^]*^connections$[^]*in use$`, 'm'))
})

test('peers why finds a peer by its id through the network, and says all in one event', async () => {
  const other = await startSharer(world, 'other', ['--bootstrap', hub.address])
  const args = ['peers', 'why', other.peerId, '--bootstrap', hub.address, '--timeout', '60s', '--json']
  const told = await world.run('why', args)
  expect(told).toMatchObject({ code: 0, stderr: '' })
  expect(events(told)).toMatchObject([
    {
      ...{ v: 1, type: 'peer.why', peer: other.peerId, path: { kind: 'direct' } },
      connections: [{ address: other.address, direction: 'outbound', best: true }]
    }
  ])
})

test('a peer that nobody knows ends with what is known of it, and the exit code for the network', async () => {
  const told = await world.run('why', ['peers', 'why', NOBODY, '--bootstrap', hub.address, '--timeout', '1s'])
  expect(told.code).toBe(5)
  expect(told.stdout).toContain(`${NOBODY}\n  not connected: no address of it is known here\n`)
  expect(told.stderr).toMatch(
    new RegExp(`^error ERR_PEER_UNREACHABLE {2}cannot reach ${NOBODY}: no address of it is known here\\n {2}try: `, 'm')
  )
})

test('what is no peer id is wrong usage, as JSON too', async () => {
  const told = await world.run('typo', ['peers', 'why', 'ann', '--json'])
  expect(told).toMatchObject({ code: 2, stderr: '' })
  expect(events(told)).toMatchObject([
    { type: 'error', code: 'ERR_USAGE', exit: 2, message: "'ann' is neither a peer id nor a multiaddr" }
  ])
})

test('doctor --json is a line a finding, and the report at the end', async () => {
  const told = await world.run('doctor', ['doctor', '--json', '--timeout', '1s', '--bootstrap', hub.address])
  // on loopback alone nobody can come in from outside
  expect(told).toMatchObject({ code: 5, stderr: '' })
  const found = events(told).slice(0, -1)
  expect(found.map(({ v, type }) => [v, type])).toEqual(found.map(() => [1, 'doctor.finding']))
  expect(found).toContainEqual(
    expect.objectContaining({
      id: 'reachable',
      level: 'problem',
      fix: expect.stringContaining('--bootstrap') as string
    }) as object
  )
  expect(events(told).at(-1)).toMatchObject({
    ...{ v: 1, type: 'doctor.report', ok: false, relays: [] },
    addresses: [{ address: expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/) as string, reachability: 'local' }]
  })
})

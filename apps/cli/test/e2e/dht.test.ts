import { beforeAll, expect, test } from 'vitest'
import { events, lookUntil, rows, startHub, useWorld } from './harness.ts'
import type { Hub, Outcome } from './harness.ts'

/** Nobody has it. */
const UNKNOWN = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

const world = useWorld('file')
let hub: Hub

beforeAll(async () => {
  hub = await startHub(world)
})

const looked = async (...args: string[]): Promise<Outcome> =>
  lookUntil(world, 'looker', [...args, '--bootstrap', hub.address], ({ stdout }) =>
    /connected|table +1 peer|"tableSize":1/.test(stdout)
  )

test('dht find prints who serves a content id, and how long the search took', async () => {
  const found = await hub.join('finder', 'dht', 'find', hub.cid)
  expect(found.code).toBe(0)
  expect(rows(found)).toEqual([[hub.peerId, ...hub.addresses]])
  expect(found.stderr).toMatch(/^1 provider, the first after \d+ ms, all after \d+ ms$/m)
  expect(events(await hub.join('finder', 'dht', 'find', hub.ticket, '--json'))).toMatchObject([
    { v: 1, type: 'dht.provider', peer: hub.peerId, addresses: hub.addresses },
    { v: 1, type: 'dht.find', cid: hub.cid, providers: 1, firstMs: expect.any(Number) as number }
  ])
})

test('what dht provide told is found by others when it is gone, and its state is one line', async () => {
  const provided = await hub.join('provider', 'dht', 'provide', UNKNOWN, '--json')
  expect(provided).toMatchObject({ code: 0, stderr: '' })
  expect(events(provided)).toMatchObject([
    { v: 1, type: 'dht.announcement', cid: UNKNOWN, network: 'own', state: 'announced', holders: 1, complete: true }
  ])
  expect(events(await hub.join('finder', 'dht', 'find', UNKNOWN, '--json')).at(-1)).toMatchObject({ providers: 1 })
  const again = await hub.join('provider', 'dht', 'provide', UNKNOWN)
  expect(rows(again)).toEqual([
    [UNKNOWN, 'own', 'announced', '1 (all)', expect.stringMatching(/^\d{4}-.*Z$/) as string]
  ])
})

test('dht status tells of the table, of records and of lookups', async () => {
  const told = await looked('dht', 'status')
  expect(told.code).toBe(0)
  expect(told.stdout).toMatch(/^own {2}\/p2pshare\/kad\/1\.0\.0 {2}server\n {2}table +1 peer\n[^]*^ {2}lookups +\d/m)
  const [network] = events(await looked('dht', 'status', '--json'))
  expect(network).toMatchObject({ v: 1, type: 'dht.network', name: 'own', mode: 'server', tableSize: 1 })
})

test('dht table is a peer a line', async () => {
  const listed = await looked('dht', 'table')
  expect(listed.code).toBe(0)
  expect(rows(listed)).toEqual([['own', expect.stringMatching(/^\d+$/) as string, 'connected', hub.peerId]])
  expect(events(await looked('dht', 'table', '--json'))).toMatchObject([
    { v: 1, type: 'dht.peer', peer: hub.peerId, network: 'own', commonBits: expect.any(Number) as number }
  ])
})

test('dht trace shows each question and answer, to the end', async () => {
  const traced = await hub.join('tracer', 'dht', 'trace', hub.cid)
  expect(traced.code).toBe(0)
  expect(traced.stdout).toMatch(
    /start +find from[^]*ask +12D3[^]*answer +12D3[^]*provider +12D3[^]*end +nobody is left/
  )
  const announced = events(await hub.join('tracer', 'dht', 'trace', UNKNOWN, '--provide', '--json'))
  expect(announced.map(({ type }) => type)).toEqual(announced.map(() => 'dht.trace'))
  expect(announced.map(({ name }) => name)).toEqual(expect.arrayContaining(['start', 'put', 'acked']))
  expect(announced.at(-1)).toMatchObject({ name: 'end', why: 'complete', acks: 1 })
})

test('a node that meets nobody says how to meet somebody', async () => {
  const [table, traced] = await Promise.all([
    world.run('alone-table', ['dht', 'table', '--timeout', '100ms']),
    world.run('alone-trace', ['dht', 'trace', UNKNOWN])
  ])
  expect([table.code, table.stdout, traced.code]).toEqual([0, '', 0])
  expect([table.stderr, traced.stderr]).toEqual(['', ''].map(() => expect.stringContaining('--bootstrap') as string))
})

test('a record that nobody took is a network error', async () => {
  const provided = await world.run('alone-provide', ['dht', 'provide', UNKNOWN, '--json'])
  expect(provided).toMatchObject({ code: 5, stderr: '' })
  expect(events(provided).at(-1)).toMatchObject({
    type: 'error',
    code: 'ERR_NOT_ANNOUNCED',
    exit: 5,
    advice: expect.stringContaining('--bootstrap') as string
  })
})

test.each([
  ['dht', 'find'],
  ['dht', 'provide'],
  ['dht', 'trace']
])('%s %s of what is no content id says so before anything starts', async (...words) => {
  const got = await world.run('typo', [...words, 'bafynonsense'])
  expect(got).toMatchObject({ code: 2, stdout: '' })
  expect(got.stderr).toMatch(/^error ERR_INVALID_TICKET {2}not a CID, a ticket or a link\n {2}try: \S/)
})

import type { Connection, Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import type { Member, MemberState } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ban } from '../../src/bans/ban.ts'
import { Connector } from '../../src/share/connector.ts'

const root = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')

let dialled: string[]
let connect: () => Promise<Connection>
let states: Map<string, readonly [MemberState, (number | undefined)?]>
let connector: Connector
let ids: PeerId[]
let bans: Map<string, Ban>

beforeEach(() => {
  vi.useFakeTimers()
  dialled = []
  // nobody can be reached
  connect = async () => {
    throw new TypeError('refused')
  }
  states = new Map()
  bans = new Map()
  ids = [0, 1, 2].map(peerNumber)
  connector = new Connector({
    root,
    self: peerNumber(99),
    connectionManager: {
      openConnection: async (peer: PeerId): Promise<Connection> => {
        dialled.push(peer.toString())
        return connect()
      }
    } as unknown as ConnectionManager,
    peerStore: {} as unknown as PeerStore,
    log: (() => undefined) as unknown as Logger,
    signal: new AbortController().signal,
    membership: () => ({ member: (peer) => toMember(peer) }),
    skip: () => false,
    ban: (id) => bans.get(id.toString()),
    first: () => undefined,
    opened: () => undefined
  })
})
afterEach(() => {
  vi.useRealTimers()
})

function peerNumber(n: number): PeerId {
  return peerIdFromMultihash(Digest.create(0x12, new Uint8Array(32).fill(n)))
}

function toMember(id: PeerId): Member | undefined {
  const [state, rttMs] = states.get(id.toString()) ?? []
  return state === undefined ? undefined : { id, state, since: 0, ...(rttMs === undefined ? {} : { rttMs }) }
}

/** Peer number `n`, as membership sees it. */
function peer(n: number, state?: MemberState, rttMs?: number): PeerId {
  const id = peerNumber(n)
  if (state !== undefined) {
    states.set(id.toString(), [state, rttMs])
  }
  return id
}

/** All of them become known at the same time. */
async function know(...peers: PeerId[]): Promise<void> {
  const allAdded = Promise.withResolvers<undefined>()
  connector.holdUntil(allAdded.promise)
  for (const id of peers) {
    await connector.add({ id, multiaddrs: [] })
  }
  allAdded.resolve(undefined)
  await vi.advanceTimersByTimeAsync(0)
}

/** Who is dialled while so much time passes, by number, each as often as it was. */
async function dials(ms: number): Promise<number[]> {
  dialled = []
  for (let passed = 0; passed < ms; passed += 250) {
    await vi.advanceTimersByTimeAsync(250)
    connector.pump()
    await vi.advanceTimersByTimeAsync(0)
  }
  return dialled.map((id) => ids.findIndex((each) => each.toString() === id))
}

function numbers(): number[] {
  return dialled.map((id) => ids.findIndex((each) => each.toString() === id))
}

describe('whom it dials first', () => {
  test('alive and near, then unknown, then suspect', async () => {
    await know(peer(0, 'suspect', 1), peer(1), peer(2, 'alive', 500))
    expect(numbers()).toEqual([2, 1, 0])
  })

  test('one that says it has nothing comes after one that may have something', async () => {
    const [first, second] = [peer(0), peer(1)]
    const bothAdded = Promise.withResolvers<undefined>()
    connector.holdUntil(bothAdded.promise)
    await connector.add({ id: first, multiaddrs: [], have: { leaves: 4, held: 0 } })
    await connector.add({ id: second, multiaddrs: [], have: { leaves: 4, held: 4 } })
    bothAdded.resolve(undefined)
    await vi.advanceTimersByTimeAsync(0)
    expect(numbers()).toEqual([1, 0])
  })
})

describe.each(['dead', 'left'] as const)('one that membership says is %s', (state) => {
  test('is not dialled while there are others', async () => {
    await know(peer(0, state), peer(1, 'alive'))
    expect(numbers()).toEqual([1])
  })

  test('is dialled at once when there is nobody else', async () => {
    await know(peer(0, state))
    expect(numbers()).toEqual([0])
  })

  test('is not dialled while another like it is', async () => {
    const dial = Promise.withResolvers<Connection>()
    connect = () => dial.promise
    await know(peer(1, state))
    await know(peer(0, state))
    expect(await dials(5000)).toEqual([])
    connect = () => Promise.reject(new TypeError('refused'))
    dial.reject(new TypeError('refused'))
    expect(await dials(5000)).toContain(0)
  })

  test('is dialled when all others turned out to be useless', async () => {
    await know(peer(0, state), peer(1, 'alive'))
    expect(await dials(10_000)).toContain(0)
  })

  test('is dialled as soon as membership says it is back', async () => {
    await know(peer(0, state), peer(1, 'alive'))
    peer(0, 'alive')
    connector.revived(peer(0))
    await vi.advanceTimersByTimeAsync(0)
    expect(numbers()).toEqual([1, 0])
  })
})

test('a wrong verdict does not lock a source out: it is tried now and then, rarer each time', async () => {
  // the other one stays a hope: each time it is about to be given up it is alive again
  await know(peer(0, 'dead'), peer(1, 'alive'))
  const at: number[] = []
  for (let second = 0; second < 300; second++) {
    connector.revived(peer(1))
    if ((await dials(1000)).includes(0)) {
      at.push(second)
    }
  }
  expect(at.length).toBeGreaterThanOrEqual(2)
  const gaps = at.map((second, index) => second - (at[index - 1] ?? 0))
  expect(gaps[0]).toBeGreaterThanOrEqual(29)
  expect(gaps[1]).toBeGreaterThan(gaps[0] ?? Infinity)
})

describe('a peer that is banned', () => {
  function ban(id: PeerId): void {
    const one: Ban = { peer: id, reason: 'user', since: 0, count: 0 }
    bans.set(id.toString(), one)
    connector.banned(one)
  }

  test('is not dialled, and the last error says why; when it is pardoned, it is', async () => {
    await know(peer(0), peer(1))
    ban(peer(0))
    expect(await dials(60_000)).not.toContain(0)
    ban(peer(1))
    expect(connector.lastError).toMatchObject({ code: 'ERR_PEER_BANNED' })
    dialled = []
    bans.clear()
    connector.pardoned(peer(0))
    expect(numbers()).toContain(0)
  })

  test('is dialled again when the ban has ended by itself', async () => {
    await know(peer(0))
    ban(peer(0))
    expect(await dials(60_000)).toEqual([])
    bans.clear()
    expect(await dials(1000)).toEqual([0])
  })

  test('and was forgotten before, stays forgotten', async () => {
    await know(peer(0))
    connector.forget(peer(0))
    connector.pardoned(peer(0))
    expect(await dials(60_000)).toEqual([])
  })
})

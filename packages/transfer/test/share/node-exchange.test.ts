import { createHash } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { Session } from '../../src/session/session.ts'
import { MAX_FIRST_ASKS } from '../../src/share/first-asks.ts'
import { NODES_SILENT_MS, NODES_SLOW_MS, NODES_TIMEOUT_MS, NodeExchange } from '../../src/share/node-exchange.ts'
import { memoryNodeStore } from '../../src/store/memory-node-store.ts'
import { FakeLane } from '../session/support/fake-lane.ts'
import { saidOn } from '../session/support/session.ts'

const random = seededRandom('nodes')

function node(text: string): { readonly cid: CID; readonly block: Uint8Array } {
  const block = new TextEncoder().encode(text)
  const digest = new Uint8Array(createHash('sha256').update(block).digest())
  return { cid: CID.createV1(0x55, Digest.create(0x12, digest)), block }
}

const root = node('root')
const children = [node('a'), node('b'), node('c')]
const all = [root, ...children]

/** A share of a root and three nodes below it, and peers that know its map when they are sources. */
async function open() {
  let now = 0
  const dropped: string[] = []
  const state = { done: false }
  const exchange = new NodeExchange(root.cid, {
    nodes: memoryNodeStore(),
    needed: (cid) => (cid.equals(root.cid) ? children.map((child) => child.cid) : []),
    now: () => now,
    stored: () => undefined,
    drop: (peer) => dropped.push(peer)
  })
  void exchange.done.then(() => {
    state.done = true
  })
  await exchange.resume()
  const peer = async (name: string) => {
    const control = new FakeLane()
    const id: PeerId = await seededPeerId(random.fork(name))
    const session = new Session({ peer: id, root: root.cid, control, data: new FakeLane() })
    const asked = () => saidOn(control).flatMap((message) => (message.type === 'get-nodes' ? [message] : []))
    return {
      key: session.key,
      join: () => {
        exchange.addSource(session)
      },
      asked,
      /** Answer the nodes at these places of a GET_NODES. */
      answer: async (id: number, places: readonly number[], cids = asked().find((one) => one.id === id)?.cids) => {
        for (const place of places) {
          const block = all.find(({ cid }) => cids?.[place]?.equals(cid))?.block
          exchange.onNode(session.key, id, place, block ?? new Uint8Array(1))
          await settled()
        }
      }
    }
  }
  const pass = (ms: number): void => {
    now += ms
    exchange.tick()
  }
  return { exchange, dropped, state, peer, pass }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await Promise.resolve()
  }
}

describe('the map phase', () => {
  it('asks for the root, then for what is below it', async () => {
    const { peer, state } = await open()
    const alice = await peer('alice')
    alice.join()
    await alice.answer(1, [0])
    expect(alice.asked().map(({ cids }) => cids.length)).toEqual([1, 3])
    await alice.answer(2, [2, 0, 1])
    expect(state.done).toBe(true)
  })

  it('takes the root from elsewhere', async () => {
    const { exchange, peer, state } = await open()
    exchange.supply(root.cid, root.block)
    await settled()
    const alice = await peer('alice')
    alice.join()
    expect(alice.asked().map(({ cids }) => cids.length)).toEqual([3])
    await alice.answer(1, [0, 1, 2])
    expect(state.done).toBe(true)
    exchange.supply(root.cid, root.block) // late, and of no use
  })

  it('takes the root from elsewhere while a peer was asked for it', async () => {
    const { exchange, peer, state } = await open()
    const alice = await peer('alice')
    alice.join()
    exchange.supply(root.cid, root.block)
    await settled()
    expect(exchange.expects(alice.key, 1, 0)).toBe(false)
    await alice.answer(2, [0, 1, 2])
    expect(state.done).toBe(true)
  })
})

describe('the first flight', () => {
  it('asks for the root before the peer said that it knows the map', async () => {
    const { exchange, peer } = await open()
    const alice = await peer('alice')
    expect(exchange.first(alice.key)).toEqual({ type: 'get-nodes', id: 1, cids: [root.cid] })
    expect(exchange.expects(alice.key, 1, 0)).toBe(true)
    expect(exchange.expects('somebody else', 1, 0)).toBe(false)
    await alice.answer(1, [0], [root.cid])
    alice.join()
    expect(alice.asked().map(({ cids }) => cids.length)).toEqual([3])
  })

  it('is not asked twice of a peer that says so before it answers', async () => {
    const { exchange, peer } = await open()
    const alice = await peer('alice')
    exchange.first(alice.key)
    alice.join()
    expect(alice.asked()).toEqual([])
    await alice.answer(1, [0], [root.cid])
    expect(alice.asked().map(({ cids }) => cids.length)).toEqual([3])
  })

  it('holds nobody up: the root is asked of whoever says first that it knows the map', async () => {
    const { exchange, peer, state } = await open()
    const [alice, bob] = [await peer('alice'), await peer('bob')]
    exchange.first(alice.key)
    bob.join()
    await bob.answer(2, [0])
    await bob.answer(3, [0, 1, 2])
    expect(state.done).toBe(true)
    await alice.answer(1, [0], [root.cid]) // late, and of no use
  })

  it('may find that the peer does not know the map, or lies', async () => {
    const { exchange, peer, dropped } = await open()
    const alice = await peer('alice')
    exchange.first(alice.key)
    exchange.onReject(alice.key, 1)
    expect(exchange.expects(alice.key, 1, 0)).toBe(false)
    exchange.first(alice.key)
    await alice.answer(2, [0], [])
    alice.join()
    expect(alice.asked()).toHaveLength(1)
    expect(dropped).toEqual([])
  })

  it('is asked of MAX_FIRST_ASKS peers, and of the next when one came to nothing', async () => {
    const { exchange, pass } = await open()
    for (let peer = 0; peer < MAX_FIRST_ASKS; peer++) {
      expect(exchange.first(String(peer))).toBeDefined()
    }
    expect(exchange.first('one more')).toBeUndefined()
    pass(NODES_TIMEOUT_MS)
    expect(exchange.first('one more')).toBeDefined()
  })

  it('has nothing to ask when the root is here', async () => {
    const { exchange } = await open()
    exchange.supply(root.cid, root.block)
    expect(exchange.first('anybody')).toBeUndefined()
  })
})

describe('a peer that drips', () => {
  /** Alice was asked for the three children and sent one; bob has nothing to do. */
  async function dripping() {
    const opened = await open()
    const [alice, bob] = [await opened.peer('alice'), await opened.peer('bob')]
    alice.join()
    await alice.answer(1, [0])
    bob.join()
    await alice.answer(2, [0])
    return { ...opened, alice, bob }
  }

  it('is waited for NODES_SLOW_MS, then an idle peer is asked for the rest too', async () => {
    const { bob, pass, state } = await dripping()
    pass(NODES_SLOW_MS - 1)
    expect(bob.asked()).toEqual([])
    pass(1)
    expect(bob.asked().map(({ cids }) => cids)).toEqual([[children[1]?.cid, children[2]?.cid]])
    await bob.answer(3, [0, 1])
    expect(state.done).toBe(true)
  })

  it('is still listened to: whoever is first counts', async () => {
    const { exchange, alice, bob, pass, state } = await dripping()
    pass(NODES_SLOW_MS)
    await alice.answer(2, [1])
    expect(exchange.expects(bob.key, 3, 0)).toBe(false)
    await bob.answer(3, [1])
    expect(exchange.expects(alice.key, 2, 2)).toBe(false)
    expect(state.done).toBe(true)
    expect(exchange.bytes).toBe(all.reduce((sum, { block }) => sum + block.byteLength, 0))
  })

  it('that has not even begun is waited for NODES_SILENT_MS', async () => {
    const { peer, pass } = await open()
    const [alice, bob] = [await peer('alice'), await peer('bob')]
    alice.join()
    bob.join()
    pass(NODES_SILENT_MS - 1)
    expect(bob.asked()).toEqual([])
    pass(1)
    expect(bob.asked().map(({ cids }) => cids)).toEqual([[root.cid]])
  })

  it('is waited for when nobody else is idle', async () => {
    const { exchange, peer, pass } = await open()
    const alice = await peer('alice')
    alice.join()
    pass(NODES_SLOW_MS)
    expect(exchange.expects(alice.key, 1, 0)).toBe(true)
    expect(alice.asked()).toHaveLength(1)
  })

  it('loses nothing when both go away, or say no', async () => {
    const { exchange, alice, bob, peer, pass, state } = await dripping()
    pass(NODES_SLOW_MS)
    exchange.onReject(bob.key, 3)
    exchange.removeSource(alice.key)
    const carol = await peer('carol')
    carol.join()
    expect(carol.asked().map(({ cids }) => cids.length)).toEqual([2])
    await carol.answer(4, [0, 1])
    expect(state.done).toBe(true)
  })
})

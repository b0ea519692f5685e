import type { HaveSummary } from '@p2pshare/interface'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Liveness } from '../../src/topics/share-peers.ts'
import { rootOf } from '../support/peers.ts'
import { all, createNet, participate, stopNet, until } from './network.ts'
import type { Net, Node, Participant } from './network.ts'

const root = rootOf(1)

function idOf(node: Node): string {
  return node.peerId.toString()
}

let net: Net
let running: Participant[]
beforeEach(() => {
  running = []
})
afterEach(async () => {
  await Promise.all(running.map(async (each) => each.stop()))
  await stopNet(net)
})

function join(node: Node, share = root, have?: () => HaveSummary | undefined): Participant {
  const participant = participate(node, share, have)
  running.push(participant)
  return participant
}

describe('three nodes of which all know the first', () => {
  let hub: Node, a: Node, b: Node

  beforeEach(async () => {
    net = await createNet([{}, {}, {}], 'star')
    ;[hub, a, b] = [net.node(0), net.node(1), net.node(2)]
  })

  test('those that exchange one share find each other, over one that does too', async () => {
    const nodes = [hub, a, b]
    const participants = nodes.map((node) => join(node))
    await until(() => participants.every(({ ids }) => ids.length === 2))
    participants.forEach(({ ids }, index) => {
      const others = nodes.filter((_, other) => other !== index)
      expect([...ids].sort()).toEqual(others.map(idOf).sort())
    })
  })

  test('a newcomer meets those that were there, with addresses that can be dialled', async () => {
    const there = join(b)
    const between = join(hub)
    await until(() => there.ids.length === 1 && between.ids.length === 1)
    const newcomer = join(a)
    await until(() => newcomer.ids.length === 2 && there.ids.length === 2)
    const provider = newcomer.peers.find(({ id }) => id.equals(b.peerId))
    const connection = await a.dial([...(provider?.multiaddrs ?? [])])
    expect(connection.remotePeer.equals(b.peerId)).toBe(true)
  })

  test('shares do not meet', async () => {
    const other = join(b, rootOf(2))
    const [one, two] = [join(hub), join(a)]
    await until(() => one.ids.length === 1 && two.ids.length === 1)
    expect(other.ids).toEqual([])
  })

  test('a peer that leaves and comes back is yielded again', async () => {
    const watching = join(hub)
    const first = join(a)
    await until(() => watching.ids.length === 1 && first.ids.length === 1)
    await first.stop()
    join(a)
    await until(() => watching.ids.length === 2)
    expect(watching.ids).toEqual([idOf(a), idOf(a)])
  })

  test('a peer that is cut off and comes back is yielded again', async () => {
    const watching = join(hub)
    join(a)
    await until(() => watching.ids.length === 1)
    await net.disconnect(hub, a)
    await net.connect(a, hub)
    await until(() => watching.ids.length === 2)
    expect(watching.ids).toEqual([idOf(a), idOf(a)])
  })

  test('a second consumer in the same node gets those that are known already', async () => {
    const first = join(hub)
    join(a)
    await until(() => first.ids.length === 1)
    const second = join(hub)
    await until(() => second.ids.length === 1)
    await first.stop()
    const third = join(b)
    await until(() => second.ids.length === 2 && third.ids.length === 2)
  })

  test('aborted before the call, it is over at once', async () => {
    expect(await all(hub.services.topics.exchange(root, { signal: AbortSignal.abort() }))).toEqual([])
  })

  test('leaving the loop leaves the topic', async () => {
    const watching = join(hub)
    for await (const { id } of a.services.topics.exchange(root)) {
      expect(id.equals(hub.peerId)).toBe(true)
      break
    }
    join(a)
    await until(() => watching.ids.at(-1) === idOf(a))
  })

  test('stopping the node ends it', async () => {
    const exchanging = all(a.services.topics.exchange(root))
    await a.stop()
    expect(await exchanging).toEqual([])
  })

  test('what a peer has is told, and told again when it is complete', async () => {
    const watching = join(hub)
    let held = 3
    join(a, root, () => ({ leaves: 16, held, ...(held === 16 ? {} : { map: Uint8Array.of(0b111, 0) }) }))
    await until(() => watching.peers.length === 1)
    expect(watching.peers[0]?.have).toMatchObject({ leaves: 16, held: 3 })
    held = 16
    await until(() => watching.peers.length === 2)
    expect(watching.peers[1]).toMatchObject({ id: a.peerId, have: { leaves: 16, held: 16 } })
  })
})

describe('liveness', () => {
  test('who is dead is not handed to a newcomer, by itself or by others, until it is alive again', async () => {
    const states = new Map<string, Liveness>()
    const liveness = (peer: { toString(): string }): Liveness | undefined => states.get(peer.toString())
    net = await createNet([{}, { liveness }, {}], 'none')
    const [hub, a, b] = [net.node(0), net.node(1), net.node(2)]
    await net.connect(b, hub)
    const [between, there] = [join(hub), join(b)]
    await until(() => between.ids.length === 1 && there.ids.length === 1)
    states.set(idOf(b), { state: 'dead', since: Date.now() + 60_000 })
    const newcomer = join(a)
    await net.connect(a, hub)
    await until(() => newcomer.ids.length === 1 && there.ids.length === 2)
    expect(newcomer.ids).toEqual([idOf(hub)])
    states.set(idOf(b), { state: 'alive', since: Date.now() })
    a.services.topics.memberChanged(b.peerId, { state: 'alive' })
    await until(() => newcomer.ids.length === 2)
    expect(newcomer.ids[1]).toBe(idOf(b))
  })
})

describe('limits', () => {
  test('as many shares as allowed, and not one more; one that ended makes room', async () => {
    net = await createNet([{ maxShares: 2 }])
    const [one, two] = [participate(net.node(0), rootOf(1)), participate(net.node(0), rootOf(2))]
    const same = participate(net.node(0), rootOf(1))
    const refused = all(net.node(0).services.topics.exchange(rootOf(3)))
    await expect(refused).rejects.toMatchObject({ name: 'TooManySharesError', max: 2 })
    await two.stop()
    const three = participate(net.node(0), rootOf(3))
    await Promise.all([one, same, three].map(async (each) => each.stop()))
  })

  test('a stopped service says so', async () => {
    net = await createNet([{}])
    await net.node(0).stop()
    await expect(all(net.node(0).services.topics.exchange(root))).rejects.toMatchObject({ name: 'NotStartedError' })
  })
})

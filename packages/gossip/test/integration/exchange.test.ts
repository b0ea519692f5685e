import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createNet, participate, stopNet, until } from '../support/network.ts'
import type { Net, Node, Participant } from '../support/network.ts'
import { rootOf } from '../support/peers.ts'

const root = rootOf(1)

function idOf(node: Node): string {
  return node.peerId.toString()
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of source) {
    found.push(item)
  }
  return found
}

describe('three nodes of which all know the first', () => {
  let net: Net
  let hub: Node, a: Node, b: Node
  let running: Participant[]

  beforeEach(async () => {
    net = await createNet([{}, {}, {}], 'star')
    ;[hub, a, b] = [net.node(0), net.node(1), net.node(2)]
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map(async (each) => each.stop()))
    await stopNet(net)
  })

  function join(node: Node, share = root): Participant {
    const participant = participate(node, share)
    running.push(participant)
    return participant
  }

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
    const provider = newcomer.providers.find(({ id }) => id.equals(b.peerId))
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
    expect(await all(hub.services.gossip.exchange(root, { signal: AbortSignal.abort() }))).toEqual([])
  })

  test('leaving the loop leaves the topic', async () => {
    const watching = join(hub)
    for await (const { id } of a.services.gossip.exchange(root)) {
      expect(id.equals(hub.peerId)).toBe(true)
      break
    }
    join(a)
    await until(() => watching.ids.at(-1) === idOf(a))
  })

  test('stopping the node ends it', async () => {
    const exchanging = all(a.services.gossip.exchange(root))
    await a.stop()
    expect(await exchanging).toEqual([])
  })
})

describe('limits', () => {
  let net: Net
  afterEach(async () => stopNet(net))

  test('as many shares as allowed, and not one more; one that ended makes room', async () => {
    net = await createNet([{ maxShares: 2 }])
    const [one, two] = [participate(net.node(0), rootOf(1)), participate(net.node(0), rootOf(2))]
    const same = participate(net.node(0), rootOf(1))
    const refused = all(net.node(0).services.gossip.exchange(rootOf(3)))
    await expect(refused).rejects.toMatchObject({ name: 'TooManySharesError', max: 2 })
    await two.stop()
    const three = participate(net.node(0), rootOf(3))
    await Promise.all([one, same, three].map(async (each) => each.stop()))
  })

  test('a stopped service says so', async () => {
    net = await createNet([{}])
    await net.node(0).stop()
    await expect(all(net.node(0).services.gossip.exchange(root))).rejects.toMatchObject({ name: 'NotStartedError' })
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ShareAnnouncement } from '@p2pshare/interface'
import { MAX_ANSWER_BYTES, MAX_QUESTION_BYTES } from '../../src/topics/constants.ts'
import { rootOf } from '../support/peers.ts'
import { all, createNet, stopNet, until } from './network.ts'
import type { Net, Node } from './network.ts'

const text = new TextEncoder()
let net: Net
afterEach(async () => stopNet(net))

/** Nodes in a row, each connected to the one before it. */
async function line(count: number): Promise<Net> {
  net = await createNet(Array.from({ length: count }, () => ({})))
  for (let index = 1; index < count; index++) {
    await net.connect(net.node(index - 1), net.node(index))
  }
  return net
}

function listen(node: Node): ShareAnnouncement[] {
  const heard: ShareAnnouncement[] = []
  const run = async (): Promise<void> => {
    for await (const announcement of node.services.topics.announcements()) {
      heard.push(announcement)
    }
  }
  void run()
  return heard
}

describe('announcements', () => {
  test('reach nodes that are not neighbours, with name, size, publisher and addresses', async () => {
    const { nodes } = await line(3)
    const [first, , last] = nodes as [Node, Node, Node]
    const heard = listen(last)
    await untilHeard(first, heard)
    expect(heard[0]).toMatchObject({ name: 'photos', bytes: 5, publisher: first.peerId })
    expect(heard[0]?.root.equals(rootOf(7))).toBe(true)
    expect(heard[0]?.multiaddrs.length).toBeGreaterThan(0)
  })

  test('a newcomer is told of those of before', async () => {
    net = await createNet([{}, {}, {}])
    const [first, second, newcomer] = net.nodes as [Node, Node, Node]
    await net.connect(first, second)
    await untilHeard(first, listen(second))
    await first.stop()
    const heard = listen(newcomer)
    await net.connect(newcomer, second)
    await until(() => heard.length === 1)
    expect(heard[0]?.publisher.equals(first.peerId)).toBe(true)
  })

  test('a share that was not announced is not', async () => {
    const { nodes } = await line(2)
    const [first, second] = nodes as [Node, Node]
    const heard = listen(second)
    const controller = new AbortController()
    const exchanging = all(first.services.topics.exchange(rootOf(1), { signal: controller.signal }))
    await untilHeard(first, heard)
    controller.abort()
    await exchanging
    expect(heard.map(({ root }) => root.toString())).not.toContain(rootOf(1).toString())
  })

  test.each([{ name: 'a'.repeat(256) }, { name: 'a\nb' }, { bytes: -1 }, { bytes: 0.5 }])(
    '%o is refused',
    async (options) => {
      await line(1)
      await expect(net.node(0).services.topics.announce(rootOf(1), options)).rejects.toMatchObject({
        name: 'InvalidOptionError'
      })
    }
  )

  /** Gossip streams open when they open: say it until it is heard. */
  async function untilHeard(from: Node, heard: readonly unknown[]): Promise<void> {
    while (heard.length === 0) {
      await from.services.topics.announce(rootOf(7), { name: 'photos', bytes: 5 })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
})

describe('questions to all', () => {
  let nodes: Node[]

  beforeEach(async () => {
    nodes = [...(await line(4)).nodes]
    // who has an answer to this is there: the mesh has formed
    nodes.forEach((node, index) => node.services.topics.answer('ready', () => Uint8Array.of(index)))
    for (let answers = 0; answers < 3;) {
      answers = (await all(ask('ready', { deadlineMs: 200, maxAnswers: 3 }))).length
    }
  })

  function ask(topic: string, options = {}, payload = text.encode('?')): AsyncIterable<{ payload: Uint8Array }> {
    return net.node(0).services.topics.ask(topic, payload, options)
  }

  test('are answered by those that are several hops away, each once', async () => {
    const answers = await all(ask('ready', { maxAnswers: 3 }))
    expect(answers.map(({ payload }) => payload[0]).sort()).toEqual([1, 2, 3])
  })

  test('the answer says who gave it, and the handler is told who asks and what', async () => {
    const [asker, , , last] = nodes as [Node, Node, Node, Node]
    last.services.topics.answer('echo', ({ from, payload }) =>
      text.encode(`${from.toString()} ${Buffer.from(payload).toString()}`)
    )
    const [answer] = await all(asker.services.topics.ask('echo', text.encode('hello'), { maxAnswers: 1 }))
    expect(answer?.from.equals(last.peerId)).toBe(true)
    expect(Buffer.from(answer?.payload ?? []).toString()).toBe(`${asker.peerId.toString()} hello`)
  })

  test('end with the last answer that was wanted', async () => {
    expect(await all(ask('ready', { maxAnswers: 2, deadlineMs: 60_000 }))).toHaveLength(2)
  })

  test('end at the deadline when nobody has an answer', async () => {
    nodes[1]?.services.topics.answer('silent', () => undefined)
    expect(await all(ask('silent', { deadlineMs: 50 }))).toEqual([])
  })

  test('end when the signal aborts, before and during', async () => {
    expect(await all(ask('ready', { signal: AbortSignal.abort() }))).toEqual([])
    const controller = new AbortController()
    const asking = all(ask('nobody', { signal: controller.signal, deadlineMs: 60_000 }))
    controller.abort()
    expect(await asking).toEqual([])
  })

  test('a handler that is taken off, throws, or says too much is not heard', async () => {
    nodes[1]?.services.topics.answer('off', () => text.encode('no'))()
    nodes[1]?.services.topics.answer('throws', () => {
      throw new TypeError('no')
    })
    nodes[1]?.services.topics.answer('long', () => new Uint8Array(MAX_ANSWER_BYTES + 1))
    for (const topic of ['off', 'throws', 'long']) {
      expect(await all(ask(topic, { deadlineMs: 100 }))).toEqual([])
    }
  })

  test('an answer and a question of the largest size come through', async () => {
    nodes[3]?.services.topics.answer('largest', ({ payload }) =>
      new Uint8Array(MAX_ANSWER_BYTES).fill(payload.byteLength & 0xff)
    )
    const [answer] = await all(ask('largest', { maxAnswers: 1 }, new Uint8Array(MAX_QUESTION_BYTES)))
    expect(answer?.payload.byteLength).toBe(MAX_ANSWER_BYTES)
  })

  test.each([
    ['an empty topic', '', {}, 1],
    ['a long topic', 'a'.repeat(65), {}, 1],
    ['a long question', 'a', {}, MAX_QUESTION_BYTES + 1],
    ['a deadline that is too short', 'a', { deadlineMs: 49 }, 1],
    ['a deadline that is too long', 'a', { deadlineMs: 60_001 }, 1],
    ['no answers', 'a', { maxAnswers: 0 }, 1],
    ['too many answers', 'a', { maxAnswers: 257 }, 1]
  ])('%s is refused', async (_, topic, options, bytes) => {
    await expect(all(ask(topic, options, new Uint8Array(bytes)))).rejects.toMatchObject({ name: 'InvalidOptionError' })
  })
})

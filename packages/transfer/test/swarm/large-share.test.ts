import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { PolicyEffect } from '../../src/swarm/effects.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { all, policyOf } from './support/share-policy.ts'

const LEAVES = 20_000
const LEECHERS = 4
const LEAF_BYTES = 64 * 1024

/** Looks at single bits, whoever makes them. */
let looks = 0
const { has } = Bitfield.prototype

beforeEach(() => {
  looks = 0
  Bitfield.prototype.has = function (this: Bitfield, index: number) {
    looks++
    return has.call(this, index)
  }
})

afterEach(() => {
  Bitfield.prototype.has = has
})

// 100,000 leaves cost as much each: 60 looks, 16 sizes, 2 messages
test(`a swarm of ${LEAVES} leaves: work grows with the leaves and not with their square`, () => {
  let sizes = 0
  const leafBytes = (): number => {
    sizes++
    return LEAF_BYTES
  }
  const keys = ['seeder', ...all(LEECHERS).map((at) => `leecher ${at}`)]
  const nodes = new Map<string, SharePolicy>(
    keys.map((key, at) => [
      key,
      policyOf({
        leafCount: LEAVES,
        leafBytes,
        have: at === 0 ? all(LEAVES) : [],
        missing: at === 0 ? [] : all(LEAVES),
        seed: key
      })
    ])
  )
  const queue: Array<() => void> = []
  let now = 0
  let messages = 0
  const act = (from: string, effects: readonly PolicyEffect[]): void => {
    for (const effect of effects) {
      messages++
      queue.push(() => {
        act('leaf' in effect ? from : effect.peer, hear(from, effect))
      })
    }
  }
  const named = (ranges: readonly { start: number; count: number }[]): number[] =>
    ranges.flatMap(({ start, count }) => all(count).map((at) => start + at))
  const hear = (from: string, effect: PolicyEffect): readonly PolicyEffect[] => {
    if ('leaf' in effect) {
      return nodes.get(from)?.onStored(effect.leaf, now) ?? []
    }
    const node = nodes.get(effect.peer)
    switch (node === undefined ? 'drop' : effect.type) {
      case 'have':
      case 'offer':
      case 'pass': {
        const leaves = 'ranges' in effect ? named(effect.ranges) : []
        return (
          (effect.type === 'have'
            ? node?.onHave(from, leaves, now)
            : effect.type === 'offer'
              ? node?.onOffer(from, leaves, now)
              : node?.onPass(from, leaves, now)) ?? []
        )
      }
      case 'grant':
        return node?.onGrant(from, 'leaves' in effect ? effect.leaves : 0, now) ?? []
      case 'request':
        return node?.onRequest(from, 'runs' in effect ? effect.runs : [], now) ?? []
      case 'cancel':
        return node?.onCancel(from, 'runs' in effect ? effect.runs : [], now) ?? []
      default:
        return []
    }
  }
  for (const [key, node] of nodes) {
    node.setUploadCap(1000 * LEAF_BYTES, 0)
    for (const other of keys.filter((each) => each !== key)) {
      act(key, node.peerJoined(other, 0, 1))
      act(key, other === 'seeder' ? [] : node.onWant(other, all(LEAVES), 0))
    }
  }
  const left = (): number => Math.max(...[...nodes.values()].map(({ missing }) => missing))
  for (let at = 0; left() > 0 && now < 10 * LEAVES;) {
    for (; at < queue.length; at++) {
      queue[at]?.()
    }
    queue.length = 0
    at = 0
    now += 1
    for (const [key, node] of nodes) {
      if (now >= node.wakeAt) {
        act(key, node.tick(now))
      }
      const next = node.take(
        () => true,
        () => 4,
        now
      )
      if (next !== undefined) {
        act(key, node.onSent(next.peer, LEAF_BYTES, now))
        act(next.peer, nodes.get(next.peer)?.onBlocks(key, next.run, now) ?? [])
      }
    }
  }
  expect(left()).toBe(0)
  // one leaf a millisecond from the seeder: little more than one copy of it
  expect(now).toBeLessThan(1.05 * LEAVES)
  const each = LEAVES * LEECHERS
  expect({ looks: looks / each, sizes: sizes / each, messages: messages / each }).toEqual({
    looks: expect.toSatisfy((count: number) => count < 120) as number,
    sizes: expect.toSatisfy((count: number) => count < 30) as number,
    messages: expect.toSatisfy((count: number) => count < 6) as number
  })
}, 60_000)

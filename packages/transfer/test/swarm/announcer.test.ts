import { expect, test } from 'vitest'
import { Announcer, HAVE_BATCH_MS, MAX_UNTOLD_LEAVES, MAX_UNTOLD_MS } from '../../src/swarm/announcer.ts'

function announcer(peers: readonly string[]): Announcer {
  const made = new Announcer()
  for (const peer of peers) {
    made.join(peer)
  }
  return made
}

/** Who is told what now. */
function told(from: Announcer, now: number): Record<string, number[]> {
  return Object.fromEntries(from.due(now).map((peer) => [peer, from.take(peer)]))
}

test('who sent a leaf hears of it at once, others within MAX_UNTOLD_MS', () => {
  const it = announcer(['sender', 'other'])
  it.came(7, 'sender')
  it.stored(7, false, 100)
  expect(told(it, 100)).toEqual({ sender: [7] })
  expect(it.nextAt).toBe(100 + MAX_UNTOLD_MS)
  expect(told(it, it.nextAt - 1)).toEqual({})
  expect(told(it, it.nextAt)).toEqual({ other: [7] })
  expect(it.nextAt).toBe(Infinity)
})

test('what was stored within HAVE_BATCH_MS is told together', () => {
  const it = announcer(['sender'])
  for (const leaf of [1, 2, 3]) {
    it.came(leaf, 'sender')
  }
  it.stored(1, false, 100)
  expect(told(it, 100)).toEqual({ sender: [1] })
  it.stored(2, false, 101)
  it.stored(3, false, 102)
  expect(told(it, 102)).toEqual({})
  expect(it.nextAt).toBe(100 + HAVE_BATCH_MS)
  expect(told(it, it.nextAt)).toEqual({ sender: [2, 3] })
})

test('nobody is told of more than MAX_UNTOLD_LEAVES at once', () => {
  const it = announcer(['a'])
  for (let leaf = 0; leaf < MAX_UNTOLD_LEAVES - 1; leaf++) {
    it.stored(leaf, false, leaf / 100)
  }
  expect(told(it, 1)).toEqual({})
  it.stored(99, false, 1)
  expect(told(it, 1)['a']).toHaveLength(MAX_UNTOLD_LEAVES)
})

test('towards the end everybody is told at once', () => {
  const it = announcer(['a', 'b'])
  it.stored(1, true, 0)
  expect(told(it, 0)).toEqual({ a: [1], b: [1] })
})

test('each leaf is told once, and who joins later knows what was there', () => {
  const it = announcer(['a'])
  it.stored(1, false, 0)
  it.join('b')
  it.stored(2, false, 1)
  expect(it.take('a')).toEqual([1, 2])
  expect(it.take('a')).toEqual([])
  expect(it.take('b')).toEqual([2])
  expect(it.take('nobody')).toEqual([])
  expect(told(it, MAX_UNTOLD_MS)).toEqual({})
})

test('a leaf that was wrong makes nobody a sender, and who left is told nothing', () => {
  const it = announcer(['a', 'b'])
  it.came(1, 'a')
  it.wrong(1)
  it.stored(1, false, 0)
  expect(told(it, 0)).toEqual({})
  it.leave('a')
  expect(told(it, MAX_UNTOLD_MS)).toEqual({ b: [1] })
  it.came(2, 'b')
  it.stored(2, false, 1000)
  it.leave('b')
  expect(it.nextAt).toBe(Infinity)
})

test('what is old is told though a batch is not over, and time goes on', () => {
  const it = announcer(['sender', 'other'])
  it.stored(1, false, 0)
  it.came(2, 'sender')
  it.stored(2, false, MAX_UNTOLD_MS - 1)
  expect(told(it, MAX_UNTOLD_MS - 1)).toEqual({ sender: [1, 2] })
  it.came(3, 'sender')
  it.stored(3, false, MAX_UNTOLD_MS)
  expect(told(it, MAX_UNTOLD_MS)).toEqual({ other: [1, 2, 3] })
  expect(told(it, it.nextAt)).toEqual({ sender: [3] })
})

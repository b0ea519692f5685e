import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { LinkEnds } from '../../../src/sim/membership/link-ends.ts'

test('a table of link ends holds what a map would, also beyond its places', () => {
  const random = seededRandom(1)
  const ends = new LinkEnds(3)
  const maps = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()]
  for (let step = 0; step < 20_000; step++) {
    const node = random.int(3)
    // phases with few peers and with more than fit
    const peer = random.int(step % 4000 < 2000 ? 20 : 150)
    const map = maps[node]
    if (random.int(5) < 2) {
      ends.delete(node, peer)
      map?.delete(peer)
    } else {
      ends.set(node, peer, step)
      map?.set(peer, step)
    }
    expect(ends.find(node, peer)).toBe(map?.get(peer))
  }
  maps.forEach((map, node) => expect(new Map(ends.of(node))).toStrictEqual(map))
})

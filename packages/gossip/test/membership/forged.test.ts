import { describe, expect, it } from 'vitest'
import { attack, stateOf, withPast } from './support/forger.ts'

describe('a machine under attack', () => {
  it('holds the same after 20,000 forged, replayed and mutated messages', () => {
    expect(attack(1, 20_000)).toBe(0)
  })

  it('holds the same after everything that was ever said is said again, in any order', () => {
    const { net, genuine } = withPast(2)
    const { machine, links } = net.node(0)
    const before = stateOf(machine)
    for (const claims of [genuine, genuine.toReversed(), [...genuine].sort((one, other) => one.id - other.id)]) {
      for (const from of links) {
        for (let at = 0; at < claims.length; at += 50) {
          machine.receive(from, { type: 'push', hops: 1, claims: claims.slice(at, at + 50) }, net.now)
        }
      }
    }
    expect(stateOf(machine)).toBe(before)
  })
})

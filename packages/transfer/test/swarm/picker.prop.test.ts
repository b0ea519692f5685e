import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { Picker } from '../../src/swarm/picker.ts'

const LEAVES = 40

const step = fc.oneof(
  fc.record({
    do: fc.constantFrom('add' as const, 'remove' as const, 'more' as const, 'fewer' as const),
    leaf: fc.nat(LEAVES - 1)
  }),
  fc.record({ do: fc.constant('pick' as const), held: fc.uniqueArray(fc.nat(LEAVES - 1)), random: fc.nat(999) })
)

test('in a share smaller than MAX_SCAN, every pick is exactly the rarest, whatever happened before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let draw = 0
      const picker = new Picker(LEAVES, () => draw)
      const candidates = new Set<number>()
      const holders = new Array<number>(LEAVES).fill(0)
      for (const now of steps) {
        if (now.do === 'pick') {
          draw = now.random / 1000
          const held = new Bitfield(LEAVES)
          now.held.forEach((leaf) => held.set(leaf))
          const fitting = now.held.filter((leaf) => candidates.has(leaf) && (holders[leaf] ?? 0) > 0)
          const rarest = Math.min(...fitting.map((leaf) => holders[leaf] ?? 0))
          const leaf = picker.pick(held)
          // a caller never holds what nobody is counted for
          if (now.held.every((each) => (holders[each] ?? 0) > 0)) {
            expect(leaf === undefined ? Infinity : holders[leaf]).toBe(rarest)
            expect(leaf === undefined || fitting.includes(leaf)).toBe(true)
            expect(picker.hasAny(held)).toBe(fitting.length > 0)
          }
          continue
        }
        const { leaf } = now
        switch (now.do) {
          case 'add':
            picker.add(leaf)
            candidates.add(leaf)
            break
          case 'remove':
            picker.remove(leaf)
            candidates.delete(leaf)
            break
          case 'more':
            picker.changeHolders(leaf, 1)
            holders[leaf] = (holders[leaf] ?? 0) + 1
            break
          case 'fewer':
            picker.changeHolders(leaf, -1)
            holders[leaf] = Math.max(0, (holders[leaf] ?? 0) - 1)
        }
        expect(picker.size).toBe(candidates.size)
        expect(picker.isCandidate(leaf)).toBe(candidates.has(leaf))
        expect(picker.holders(leaf)).toBe(holders[leaf])
      }
    })
  )
})

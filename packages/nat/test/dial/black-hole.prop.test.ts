import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_BLACK_HOLES, isBlackHole, putLast, recordDial } from '../../src/dial/black-hole.ts'
import type { BlackHoles } from '../../src/dial/black-hole.ts'
import { BLACK_HOLE_PROBE_MS, BLACK_HOLE_WINDOW } from '../../src/dial/constants.ts'

function failed(times: number, from: BlackHoles = NO_BLACK_HOLES): BlackHoles {
  return Array.from({ length: times }).reduce<BlackHoles>((state) => recordDial(state, 'utp4', false, 0), from)
}

test('a class is in a black hole after as many failures in a row as are looked at, and not one sooner', () => {
  expect(isBlackHole(failed(BLACK_HOLE_WINDOW - 1), 'utp4')).toBe(false)
  expect(isBlackHole(failed(BLACK_HOLE_WINDOW), 'utp4')).toBe(true)
  expect(isBlackHole(failed(BLACK_HOLE_WINDOW), 'tcp4')).toBe(false)
})

test('one success ends a black hole', () => {
  expect(isBlackHole(recordDial(failed(100), 'utp4', true, 0), 'utp4')).toBe(false)
})

test('a class in a black hole is put last, but keeps its place once a minute', () => {
  const first = putLast(failed(BLACK_HOLE_WINDOW), ['utp4', 'tcp4', 'utp4'], 1)
  expect([...first.last]).toEqual(['utp4'])
  const later = putLast(first.state, ['utp4'], BLACK_HOLE_PROBE_MS)
  expect([...later.last]).toEqual([])
  const again = putLast(later.state, ['utp4'], BLACK_HOLE_PROBE_MS + 1)
  expect([...again.last]).toEqual(['utp4'])
})

test('a class with a success among its last dials is never in a black hole, and what is kept is bounded', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (outcomes) => {
      let state = NO_BLACK_HOLES
      for (const [index, ok] of outcomes.entries()) {
        state = recordDial(state, 'tcp6', ok, index)
        expect(state.get('tcp6')?.outcomes.length).toBeLessThanOrEqual(BLACK_HOLE_WINDOW)
        const recent = outcomes.slice(Math.max(0, index + 1 - BLACK_HOLE_WINDOW), index + 1)
        if (recent.includes(true)) {
          expect(isBlackHole(state, 'tcp6')).toBe(false)
        }
      }
    }),
    { numRuns: 100, seed: 4 }
  )
})

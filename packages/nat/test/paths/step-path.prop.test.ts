import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_PATH, PATH_TUNING } from '../../src/paths/path-state.ts'
import type { LinkLook, PathEvent, PathState } from '../../src/paths/path-state.ts'
import { stepPath } from '../../src/paths/step-path.ts'

const ids = ['a', 'b', 'c', 'd'] as const
const id = fc.constantFrom(...ids)
const look = fc.record({
  id,
  busy: fc.boolean(),
  live: fc.boolean(),
  bytesIn: fc.nat(5_000_000),
  bytesOut: fc.nat(5_000_000)
})
const event: fc.Arbitrary<PathEvent> = fc.oneof(
  fc.record({ type: fc.constant('opened' as const), id, kind: fc.constantFrom('lan', 'direct', 'relay') }),
  fc.record({ type: fc.constant('closed' as const), id }),
  fc.record({ type: fc.constant('answered' as const), id, rttMs: fc.nat(500) }),
  fc.record({ type: fc.constant('unanswered' as const), id }),
  fc.record({ type: fc.constant('dialled' as const), ok: fc.boolean() }),
  fc.constant<PathEvent>({ type: 'punched' }),
  fc.constant<PathEvent>({ type: 'network-changed' }),
  fc.record({ type: fc.constant('tick' as const), looks: fc.array(look, { maxLength: 4 }) })
)
const script = fc.array(fc.tuple(event, fc.nat(5_000)), { maxLength: 60 })

function liveIn(looks: readonly LinkLook[], link: string): boolean {
  return looks.findLast((each) => each.id === link)?.live === true
}

test('whatever happens, the best link is open, and no relay is closed under a stream or without a direct link', () => {
  fc.assert(
    fc.property(script, (steps) => {
      let state: PathState = NO_PATH
      let now = 0
      for (const [next, pause] of steps) {
        now += pause
        const before = state
        const { state: after, effects } = stepPath(before, next, now, () => 0.5, PATH_TUNING)
        const usable = after.links.filter(({ closing }) => !closing)
        expect(after.best === undefined).toBe(usable.length === 0)
        const best = after.links.find((link) => link.id === after.best)
        for (const effect of effects) {
          if (effect.type === 'close') {
            expect(best?.kind).not.toBe('relay')
            expect(best?.health).toBe('well')
            expect(effect.id).not.toBe(after.best)
            expect(next.type === 'tick' && liveIn(next.looks, effect.id)).toBe(false)
          }
          if (effect.type === 'abort') {
            expect(best?.health).toBe('well')
            expect(effect.id).not.toBe(after.best)
          }
          if (effect.type === 'punch') {
            expect(best?.kind).toBe('relay')
          }
        }
        state = after
      }
    }),
    { numRuns: 100, seed: 4 }
  )
})

test('a relay is the best only where no direct link is well', () => {
  fc.assert(
    fc.property(script, (steps) => {
      let state: PathState = NO_PATH
      let now = 0
      for (const [next, pause] of steps) {
        now += pause
        state = stepPath(state, next, now, () => 0.5, PATH_TUNING).state
        const best = state.links.find((link) => link.id === state.best)
        const direct = state.links.some(
          ({ kind, health, closing }) => kind !== 'relay' && health === 'well' && !closing
        )
        expect(direct && best?.kind === 'relay').toBe(false)
      }
    }),
    { numRuns: 100, seed: 4 }
  )
})

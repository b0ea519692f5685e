import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_RELAYS_KNOWN } from '../../src/relay/constants.ts'
import { stepRelays } from '../../src/relay/relay-state.ts'
import type { RelayEntry, RelayEvent } from '../../src/relay/relay-state.ts'

const id = fc.nat(80).map((number) => `r${number}`)
const event: fc.Arbitrary<RelayEvent> = fc.oneof(
  fc.record({ type: fc.constant('found' as const), id, connected: fc.boolean(), configured: fc.boolean() }),
  fc.record({ type: fc.constant('measured' as const), id, rttMs: fc.nat(400) }),
  fc.record({ type: fc.constant('reserved' as const), id, expiresAt: fc.nat(200_000) }),
  fc.record({ type: fc.constant('failed' as const), id, reason: fc.constant('full') }),
  fc.record({ type: fc.constant('lost' as const), id, reason: fc.constant('gone') }),
  fc.record({ type: fc.constant('disconnected' as const), id }),
  fc.constant<RelayEvent>({ type: 'tick' })
)

test('never more places are asked for than are wanted, none twice, and what is remembered is bounded', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(10_000)), { maxLength: 150 }), fc.nat(4), (steps, wanted) => {
      let relays: readonly RelayEntry[] = []
      let now = 0
      for (const [next, pause] of steps) {
        now += pause
        const busy = new Set(relays.filter(({ state }) => state === 'reserving').map((relay) => relay.id))
        const step = stepRelays(relays, next, wanted, now, () => 0.5)
        relays = step.relays
        expect(relays.length).toBeLessThanOrEqual(MAX_RELAYS_KNOWN)
        expect(new Set(relays.map((relay) => relay.id)).size).toBe(relays.length)
        if (step.effects.length > 0) {
          const active = relays.filter(({ state }) => state === 'reserving' || state === 'reserved')
          expect(active.length).toBeLessThanOrEqual(wanted)
        }
        for (const effect of step.effects) {
          const own = 'id' in next && next.id === effect.id
          expect(busy.has(effect.id) && !own).toBe(false)
        }
      }
    }),
    { numRuns: 100, seed: 4 }
  )
})

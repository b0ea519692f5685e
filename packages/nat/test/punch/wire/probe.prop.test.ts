import { fc, test } from '@fast-check/vitest'
import { expect, test as it } from 'vitest'
import { PROBE_BYTES, ProbeCodec, probeKey } from '../../../src/punch/wire/probe.ts'

const attempt = Uint8Array.from({ length: 8 }, (_, index) => index)
const key = probeKey({ initiator: new Uint8Array(16).fill(1), responder: new Uint8Array(16).fill(2) })
const initiator = new ProbeCodec({ attempt, key, role: 'initiator' })
const responder = new ProbeCodec({ attempt, key, role: 'responder' })
const probes = fc.record({
  kind: fc.constantFrom('probe', 'ack', 'nominate', 'ready'),
  index: fc.integer({ min: 0, max: 255 })
} as const)

test.prop([probes], { numRuns: 100, seed: 4 })(
  'a probe is read by the other end alone, and all are equally long',
  (probe) => {
    const bytes = initiator.encode(probe)
    expect(bytes.byteLength).toBe(PROBE_BYTES)
    expect(responder.decode(bytes)).toEqual(probe)
    // its own, thrown back
    expect(initiator.decode(bytes)).toBeUndefined()
  }
)

test.prop([probes, fc.integer({ min: 0, max: PROBE_BYTES - 1 }), fc.integer({ min: 1, max: 255 })], {
  numRuns: 100,
  seed: 4
})('a probe with one byte changed is none', (probe, at, flip) => {
  const bytes = initiator.encode(probe)
  bytes[at] = (bytes[at] ?? 0) ^ flip
  expect(responder.decode(bytes)).toBeUndefined()
})

test.prop([fc.uint8Array({ maxLength: 64 })], { numRuns: 100, seed: 4 })('random bytes are no probe', (random) => {
  expect(responder.decode(random)).toBeUndefined()
})

it('a probe of another attempt, or made with another key, is none', () => {
  const bytes = initiator.encode({ kind: 'probe', index: 0 })
  const other = new ProbeCodec({ attempt: new Uint8Array(8), key, role: 'responder' })
  const stranger = new ProbeCodec({ attempt, key: new Uint8Array(32), role: 'responder' })
  expect(other.decode(bytes)).toBeUndefined()
  expect(stranger.decode(bytes)).toBeUndefined()
})

it('neither STUN nor UDX takes a probe for its own', () => {
  const [first = 0] = initiator.encode({ kind: 'probe', index: 0 })
  expect(first >> 6).not.toBe(0)
  expect(first).not.toBe(0xff)
})

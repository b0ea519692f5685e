import { expect, test } from 'vitest'
import { CHALLENGE_TTL_MS } from '../../src/constants.ts'
import { Challenges } from '../../src/path/challenges.ts'
import { derivePathKeys } from '../../src/path/keys.ts'
import { Liveness } from '../../src/path/liveness.ts'

const times = { probeIntervalMs: 1000, idleProbeIntervalMs: 20_000, maxMissedProbes: 3 }

test('while data is under way it probes each second, else each twenty', () => {
  const liveness = new Liveness(times, 0)
  expect(liveness.tick(999, true)).toEqual({ type: 'wait' })
  expect(liveness.tick(1000, true)).toEqual({ type: 'probe', sequence: 1 })
  expect(liveness.onAnswer(1)).toBe(true)
  expect(liveness.tick(2000, true)).toEqual({ type: 'probe', sequence: 2 })
  expect(liveness.onAnswer(2)).toBe(true)
  expect(liveness.tick(3000, false)).toEqual({ type: 'wait' })
  expect(liveness.tick(21_999, false)).toEqual({ type: 'wait' })
  expect(liveness.tick(22_000, false)).toEqual({ type: 'probe', sequence: 3 })
})

test('data that was under way a moment before a probe was due still counts', () => {
  const liveness = new Liveness(times, 0)
  expect(liveness.tick(900, true)).toEqual({ type: 'wait' })
  expect(liveness.tick(1000, false)).toEqual({ type: 'probe', sequence: 1 })
})

test('three probes without an answer are the end, a second apart also when idle', () => {
  const liveness = new Liveness(times, 0)
  const steps = [20_000, 21_000, 22_000, 23_000].map((now) => liveness.tick(now, false).type)
  expect(steps).toEqual(['probe', 'probe', 'probe', 'lost'])
})

test('an answer that is late but waited for is a sign of life', () => {
  const liveness = new Liveness(times, 0)
  liveness.tick(1000, true)
  liveness.tick(2000, true)
  liveness.tick(3000, true)
  expect(liveness.missed).toBe(2)
  expect(liveness.onAnswer(1)).toBe(true)
  expect(liveness.missed).toBe(0)
})

test.each([
  ['was answered before', 1],
  ['was never sent', 3],
  ['is none', 0]
])('the answer to a probe that %s is none', (_, sequence) => {
  const liveness = new Liveness(times, 0)
  liveness.tick(1000, true)
  liveness.onAnswer(1)
  liveness.tick(2000, true)
  expect(liveness.onAnswer(sequence)).toBe(false)
})

test('data is a sign of life', () => {
  const liveness = new Liveness(times, 0)
  for (let now = 1000; now < 30_000; now += 1000) {
    expect(liveness.tick(now, true).type).toBe('probe')
    liveness.onData()
  }
})

const home = { host: '192.0.2.1', port: 1000 }
const away = { host: '192.0.2.1', port: 2000 }
const far = { host: '198.51.100.1', port: 1000 }
const challenge = Buffer.from('challeng')
const other = Buffer.from('another!')

test('a probe from where the other end is needs no proof', () => {
  const challenges = new Challenges()
  expect(challenges.onProbe({ sequence: 1, address: home, current: home }, 0, () => challenge)).toBeUndefined()
})

test('a probe from elsewhere is challenged, and moves when the challenge comes back from there', () => {
  const challenges = new Challenges()
  const probe = { sequence: 1, address: away, current: home }
  expect(challenges.onProbe(probe, 0, () => challenge)).toEqual(challenge)
  // asked again, the same
  expect(challenges.onProbe({ ...probe, sequence: 2 }, 1, () => other)).toEqual(challenge)
  expect(challenges.onProof(other, away, 2)).toBe(false)
  expect(challenges.onProof(challenge, far, 2)).toBe(false)
  expect(challenges.onProof(challenge, away, 2)).toBe(true)
  expect(challenges.onProof(challenge, away, 3)).toBe(false)
})

test('a probe that was seen before, or overtaken, gets no answer from anywhere', () => {
  const challenges = new Challenges()
  challenges.onProbe({ sequence: 5, address: home, current: home }, 0, () => challenge)
  for (const sequence of [5, 4, 0]) {
    expect(challenges.onProbe({ sequence, address: away, current: home }, 0, () => challenge)).toBe('stale')
  }
})

test('a challenge is good for its time and no longer', () => {
  const challenges = new Challenges()
  challenges.onProbe({ sequence: 1, address: away, current: home }, 0, () => challenge)
  expect(challenges.onProof(challenge, away, CHALLENGE_TTL_MS)).toBe(false)
  challenges.onProbe({ sequence: 2, address: away, current: home }, CHALLENGE_TTL_MS, () => other)
  expect(challenges.onProof(other, away, 2 * CHALLENGE_TTL_MS - 1)).toBe(true)
})

test('the newest address is the candidate, and a probe from home ends it', () => {
  const challenges = new Challenges()
  challenges.onProbe({ sequence: 1, address: away, current: home }, 0, () => challenge)
  challenges.onProbe({ sequence: 2, address: far, current: home }, 0, () => other)
  expect(challenges.onProof(challenge, away, 1)).toBe(false)
  challenges.onProbe({ sequence: 3, address: home, current: home }, 2, () => challenge)
  expect(challenges.onProof(other, far, 3)).toBe(false)
})

test('keys of another connection are others', () => {
  const secret = Buffer.alloc(32, 1)
  const keysOf = (streamId: number): string =>
    Buffer.from(
      derivePathKeys({ asked: { secret, streamId: 1 }, answered: { secret, streamId } }, 'asked').send.key
    ).toString('hex')
  expect(keysOf(2)).not.toBe(keysOf(3))
})

import { expect, test } from 'vitest'
import { MAX_RELAYS_KNOWN } from '../../src/relay/constants.ts'
import { stepRelays } from '../../src/relay/relay-state.ts'
import type { RelayEntry, RelayEvent } from '../../src/relay/relay-state.ts'
import { selectRelays } from '../../src/relay/select-relays.ts'

class Run {
  relays: readonly RelayEntry[] = []
  now = 0
  asked: string[] = []
  wanted = 2

  send(...events: RelayEvent[]): this {
    for (const event of events) {
      const { relays, effects } = stepRelays(this.relays, event, this.wanted, this.now, () => 0)
      this.relays = relays
      this.asked.push(...effects.map(({ id }) => id))
    }
    return this
  }

  take(): string[] {
    return this.asked.splice(0)
  }

  of(id: string): RelayEntry | undefined {
    return this.relays.find((relay) => relay.id === id)
  }
}

function found(id: string, network = id): RelayEvent {
  return { type: 'found', id, connected: true, network }
}
const measured = (id: string, rttMs = 10): RelayEvent => ({ type: 'measured', id, rttMs })
const reserved = (id: string, expiresAt = 3_600_000): RelayEvent => ({ type: 'reserved', id, expiresAt })

function entry(id: string, over: Partial<RelayEntry> = {}): RelayEntry {
  return { id, state: 'candidate', connected: true, configured: false, failures: 0, retryAt: 0, ...over }
}

test('the nearest relays come first, but one in a network that has none yet before them', () => {
  const near = entry('near', { network: 'a', rttMs: 1 })
  const beside = entry('beside', { network: 'a', rttMs: 2 })
  const far = entry('far', { network: 'b', rttMs: 90 })
  expect(selectRelays([far, beside, near], [], 3)).toEqual(['near', 'far', 'beside'])
  expect(selectRelays([far, beside, near], [{ network: 'a' }], 1)).toEqual(['far'])
})

test('a relay that the user named comes before all, one that failed after those that did not', () => {
  const named = entry('named', { configured: true, rttMs: 300, network: 'a' })
  const failed = entry('failed', { failures: 1, rttMs: 1, network: 'b' })
  const plain = entry('plain', { rttMs: 50, network: 'c' })
  expect(selectRelays([failed, plain, named], [], 3)).toEqual(['named', 'plain', 'failed'])
  expect(selectRelays([failed, plain, named], [], 0)).toEqual([])
})

test('a place is asked for at relays that were measured, as many as are wanted', () => {
  const run = new Run().send(found('a'), found('b'), found('c'))
  expect(run.take()).toEqual([])
  run.send(measured('b'), measured('a'), measured('c'))
  expect(run.take()).toEqual(['b', 'a'])
})

test('when a place is lost another relay takes over, and the lost one is not asked at once', () => {
  const run = new Run().send(found('a'), found('b'), found('c'))
  run.send(measured('a'), measured('b'), measured('c'), reserved('a'), reserved('b'))
  run.take()
  run.send({ type: 'lost', id: 'a', reason: 'gone' })
  expect(run.take()).toEqual(['c'])
  expect(run.of('a')).toMatchObject({ state: 'candidate', reason: 'gone' })
})

test('a relay whose connection went is not asked until it is back', () => {
  const run = new Run().send(found('a'), measured('a'), reserved('a'))
  run.take()
  run.send({ type: 'disconnected', id: 'a' })
  run.now = 60_000
  run.send({ type: 'tick' })
  expect(run.take()).toEqual([])
  run.send(found('a'))
  expect(run.take()).toEqual(['a'])
})

test('a relay that refuses is asked again after pauses that double', () => {
  const run = new Run().send(found('a'), measured('a'))
  const at: number[] = []
  while (at.length < 5) {
    if (run.take().length > 0) {
      at.push(run.now)
      run.send({ type: 'failed', id: 'a', reason: 'full' })
    }
    run.now += 1_000
    run.send({ type: 'tick' })
  }
  expect(at.map((time, index) => time - (at[index - 1] ?? time))).toEqual([0, 5_000, 10_000, 20_000, 40_000])
})

test('a place that was not refreshed in time is lost', () => {
  const run = new Run().send(found('a'), measured('a'), reserved('a', 10_000))
  run.now = 10_000
  run.send({ type: 'tick' })
  expect(run.of('a')?.state).toBe('candidate')
})

test('a relay that the user named is asked though it is not connected', () => {
  const run = new Run().send({ type: 'found', id: 'a', connected: false, configured: true })
  expect(run.take()).toEqual(['a'])
})

test('a place that libp2p took by itself counts', () => {
  const run = new Run().send(reserved('x'), reserved('y'), found('a'), measured('a'))
  expect(run.take()).toEqual([])
})

test('as many relays are remembered as may be, and those that hold a place are not forgotten', () => {
  const run = new Run().send(found('held'), measured('held'), reserved('held'))
  for (let index = 0; index < MAX_RELAYS_KNOWN - 1; index += 1) {
    run.send(found(`r${index}`))
  }
  expect(run.relays).toHaveLength(MAX_RELAYS_KNOWN)
  run.send(found('one more'))
  expect(run.relays).toHaveLength(MAX_RELAYS_KNOWN)
  expect(run.of('held')?.state).toBe('reserved')
})

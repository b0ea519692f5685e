import { MAX_RELAYS_KNOWN, RELAY_LOST_MS, RELAY_RETRY } from './constants.ts'
import { selectRelays } from './select-relays.ts'

/** One relay that is known. Times are milliseconds since the Unix epoch: reservations end by the clock. */
export interface RelayEntry {
  readonly id: string
  /** `known`: not measured yet. */
  readonly state: 'known' | 'candidate' | 'reserving' | 'reserved'
  readonly connected: boolean
  /** Named by the user: asked first, and dialled when it is not connected. */
  readonly configured: boolean
  /** The network it is in, as text. */
  readonly network?: string
  readonly rttMs?: number
  /** When the place ends unless it is refreshed. */
  readonly expiresAt?: number
  readonly failures: number
  /** Not asked before this. */
  readonly retryAt: number
  /** Why there is no place, in words a person reads. */
  readonly reason?: string
}

/** What happens to relays. */
export type RelayEvent =
  | {
      readonly type: 'found'
      readonly id: string
      readonly connected: boolean
      readonly network?: string
      readonly configured?: boolean
    }
  | { readonly type: 'measured'; readonly id: string; readonly rttMs?: number }
  | { readonly type: 'reserved'; readonly id: string; readonly expiresAt: number }
  | { readonly type: 'failed'; readonly id: string; readonly reason: string }
  /** The place is gone; the relay may still be there. */
  | { readonly type: 'lost'; readonly id: string; readonly reason: string }
  | { readonly type: 'disconnected'; readonly id: string }
  | { readonly type: 'tick' }

/** Ask this relay for a place. */
export interface RelayEffect {
  readonly type: 'reserve'
  readonly id: string
}

export interface RelayStep {
  readonly relays: readonly RelayEntry[]
  readonly effects: readonly RelayEffect[]
}

/** The next state of all relays; `random` gives 0 to 1. Pure. */
export function stepRelays(
  before: readonly RelayEntry[],
  event: RelayEvent,
  wanted: number,
  now: number,
  random: () => number
): RelayStep {
  const relays = bound(update(before, event, now, random))
  const active = relays.filter(({ state }) => state === 'reserving' || state === 'reserved')
  const candidates = relays.filter(
    ({ state, connected, configured, retryAt }) =>
      (state === 'candidate' || (state === 'known' && configured && !connected)) &&
      (connected || configured) &&
      now >= retryAt
  )
  const selected = new Set(selectRelays(candidates, active, wanted - active.length))
  return {
    relays: relays.map((relay) => (selected.has(relay.id) ? { ...relay, state: 'reserving' } : relay)),
    effects: [...selected].map((id) => ({ type: 'reserve', id }))
  }
}

function update(relays: readonly RelayEntry[], event: RelayEvent, now: number, random: () => number): RelayEntry[] {
  if (event.type === 'tick') {
    return relays.map((relay) => {
      const ended = relay.state === 'reserved' && relay.expiresAt !== undefined && relay.expiresAt <= now
      return ended ? without(relay, 'its time ended', now + RELAY_LOST_MS) : relay
    })
  }
  const known = relays.find(({ id }) => id === event.id)
  const others = relays.filter(({ id }) => id !== event.id)
  if (event.type === 'found') {
    const { id, connected, network, configured = false } = event
    const base: RelayEntry = known ?? { id, state: 'known', connected, configured, failures: 0, retryAt: 0 }
    return [
      ...others,
      {
        ...base,
        connected: connected || base.connected,
        configured: configured || base.configured,
        ...(network === undefined ? {} : { network })
      }
    ]
  }
  // a place may come from elsewhere: libp2p takes one where it is dialled through a relay
  const relay: RelayEntry = known ?? {
    ...{ id: event.id, state: 'known', connected: true, configured: false, failures: 0, retryAt: 0 }
  }
  const { reason: _reason, ...clean } = relay
  switch (event.type) {
    case 'measured': {
      const state = relay.state === 'known' ? 'candidate' : relay.state
      return known === undefined
        ? others
        : [...others, { ...relay, state, ...(event.rttMs === undefined ? {} : { rttMs: event.rttMs }) }]
    }
    case 'reserved':
      return [...others, { ...clean, state: 'reserved', connected: true, failures: 0, expiresAt: event.expiresAt }]
    case 'failed': {
      const { minMs, maxMs } = RELAY_RETRY
      const pauseMs = Math.min(maxMs, minMs * 2 ** Math.min(30, relay.failures)) * (1 + random() / 5)
      return [...others, { ...without(relay, event.reason, now + pauseMs), failures: relay.failures + 1 }]
    }
    case 'lost':
      return known === undefined ? others : [...others, without(relay, event.reason, now + RELAY_LOST_MS)]
    case 'disconnected':
      if (known === undefined) {
        return others
      }
      return [
        ...others,
        relay.state === 'reserved'
          ? { ...without(relay, 'the connection was lost', now + RELAY_LOST_MS), connected: false }
          : { ...relay, connected: false }
      ]
  }
}

function without(relay: RelayEntry, reason: string, retryAt: number): RelayEntry {
  const { expiresAt: _expiresAt, ...rest } = relay
  return { ...rest, state: 'candidate', reason, retryAt }
}

/** Who is neither held nor named by the user goes, those not connected first. */
function bound(relays: RelayEntry[]): RelayEntry[] {
  if (relays.length <= MAX_RELAYS_KNOWN) {
    return relays
  }
  const spare = relays.filter(({ state, configured }) => !configured && state !== 'reserved' && state !== 'reserving')
  const [first] = spare.toSorted(
    (a, b) => Number(a.connected) - Number(b.connected) || b.failures - a.failures || (b.rttMs ?? 0) - (a.rttMs ?? 0)
  )
  return relays.filter((relay) => relay !== (first ?? relays.at(-1)))
}

import { MAX_RETRY_MS, MIN_RENEW_RETRY_MS, RETRY_MS } from './constants.ts'
import type { Lease } from './types.ts'

/**
 * Where one listener stands with the gateway:
 *
 * - `asking`: no mapping yet, a question is under way
 * - `held`: mapped, and due again at `renewAt`
 * - `renewing`: mapped, and a question is under way
 * - `waiting`: nobody gave a mapping; asked again at `retryAt`
 * - `ended`: this node wants none any more
 */
export type MappingState =
  | { readonly name: 'asking'; readonly failures: number }
  | { readonly name: 'held'; readonly lease: Lease; readonly renewAt: number }
  | { readonly name: 'renewing'; readonly lease: Lease }
  | { readonly name: 'waiting'; readonly retryAt: number; readonly failures: number }
  | { readonly name: 'ended' }

/** What happens to it. `lost`: the gateway restarted, changed its address, or is another one. */
export type MappingEvent =
  | { readonly type: 'mapped'; readonly lease: Lease }
  | { readonly type: 'refused' }
  | { readonly type: 'tick' }
  | { readonly type: 'lost' }
  | { readonly type: 'stop' }

/** What is to be done: ask the gateway, tell others of the outside address or take that back, give the mapping up. */
export type MappingEffect =
  | { readonly type: 'ask'; readonly suggest?: Lease }
  | { readonly type: 'publish'; readonly lease: Lease }
  | { readonly type: 'retract'; readonly lease: Lease }
  | { readonly type: 'release'; readonly lease: Lease }

/** The next state, and what to do, in this order. */
export interface MappingStep {
  readonly state: MappingState
  readonly effects: readonly MappingEffect[]
}

/** A listener that nobody has asked for yet. */
export const FIRST_STEP: MappingStep = { state: { name: 'asking', failures: 0 }, effects: [{ type: 'ask' }] }

/** One event at `now`, in milliseconds. Pure. */
export function nextMapping(state: MappingState, event: MappingEvent, now: number): MappingStep {
  switch (event.type) {
    case 'mapped':
      return onMapped(state, event.lease)
    case 'refused':
      return onRefused(state, now)
    case 'tick':
      return onTick(state, now)
    case 'lost':
      return onLost(state)
    case 'stop':
      return 'lease' in state
        ? step({ name: 'ended' }, { type: 'retract', lease: state.lease }, { type: 'release', lease: state.lease })
        : step({ name: 'ended' })
  }
}

/** When `tick` has something to do next; `undefined`: not before another event. Pure. */
export function wakeAt(state: MappingState): number | undefined {
  switch (state.name) {
    case 'held':
      return state.renewAt
    case 'waiting':
      return state.retryAt
    default:
      return undefined
  }
}

/** When the gateway forgets `lease`. */
export function expiryOf({ obtainedAt, lifetimeMs }: Lease): number {
  return obtainedAt + lifetimeMs
}

function onMapped(state: MappingState, lease: Lease): MappingStep {
  const held: MappingState = { name: 'held', lease, renewAt: lease.obtainedAt + lease.lifetimeMs / 2 }
  switch (state.name) {
    case 'ended':
      // the answer came after the node stopped
      return step(state, { type: 'release', lease })
    case 'held':
    case 'renewing':
      return isSameOutside(state.lease, lease)
        ? step(held)
        : step(held, { type: 'retract', lease: state.lease }, { type: 'publish', lease })
    default:
      return step(held, { type: 'publish', lease })
  }
}

function onRefused(state: MappingState, now: number): MappingStep {
  switch (state.name) {
    case 'asking':
      return step(waiting(state.failures + 1, now))
    case 'renewing': {
      const left = expiryOf(state.lease) - now
      return left <= 0
        ? step(waiting(1, now), { type: 'retract', lease: state.lease })
        : // half of what is left each time, as DHCP does, so that a gateway that is away for a moment costs nothing
          step({ ...state, name: 'held', renewAt: now + Math.min(left, Math.max(left / 2, MIN_RENEW_RETRY_MS)) })
    }
    default:
      return step(state)
  }
}

function onTick(state: MappingState, now: number): MappingStep {
  if (state.name === 'held' && now >= state.renewAt) {
    return step({ name: 'renewing', lease: state.lease }, { type: 'ask', suggest: state.lease })
  }
  if (state.name === 'waiting' && now >= state.retryAt) {
    return step({ name: 'asking', failures: state.failures }, { type: 'ask' })
  }
  return step(state)
}

function onLost(state: MappingState): MappingStep {
  if (state.name === 'held') {
    // others keep the address until the answer says that it is another: mostly it is not
    return step({ name: 'renewing', lease: state.lease }, { type: 'ask', suggest: state.lease })
  }
  return state.name === 'waiting' ? step({ name: 'asking', failures: 0 }, { type: 'ask' }) : step(state)
}

function waiting(failures: number, now: number): MappingState {
  return { name: 'waiting', failures, retryAt: now + Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS) }
}

function isSameOutside(a: Lease, b: Lease): boolean {
  return a.externalIp === b.externalIp && a.externalPort === b.externalPort
}

function step(state: MappingState, ...effects: MappingEffect[]): MappingStep {
  return { state, effects }
}

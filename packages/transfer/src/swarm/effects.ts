import type { Run } from '../wire/codec.ts'
import type { Range } from './bitfield.ts'

/** A peer in the swarm machines: its id as text, so that simulations need no keys. */
export type PeerKey = string

/**
 * What the policy wants done. `have` to `reject` are messages to the peer. `verify`: every block of the leaf is here; say
 * `onStored` or `onWrong`. `forget`: blocks of the leaf that came so far will not be completed. `drop`: end the session.
 */
export type PolicyEffect =
  | { readonly type: 'have' | 'offer' | 'pass'; readonly peer: PeerKey; readonly ranges: readonly Range[] }
  | { readonly type: 'grant'; readonly peer: PeerKey; readonly leaves: number }
  | { readonly type: 'request' | 'cancel'; readonly peer: PeerKey; readonly runs: readonly Run[] }
  | {
      readonly type: 'reject'
      readonly peer: PeerKey
      readonly runs: readonly Run[]
      readonly reason: 'not-held' | 'busy'
    }
  | { readonly type: 'verify' | 'forget'; readonly leaf: number }
  | { readonly type: 'drop'; readonly peer: PeerKey; readonly reason: 'wrong-bytes' | 'stalled' }

/** Where the parts of the policy put what they want done, in order. */
export type Effects = PolicyEffect[]

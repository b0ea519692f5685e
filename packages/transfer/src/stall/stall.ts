/** Why nothing comes. */
export type StallCause =
  /** Nobody that is connected has what is missing, and nobody else is known. */
  | 'no-peer'
  /** Peers are known, none is connected, and the last attempts failed. */
  | 'unreachable'
  /** Peers hold what is missing and give no slot, or refuse the session for now. */
  | 'choked'
  /** Peers were asked and send nothing, or too little to complete anything. */
  | 'slow'
  /** The relay between us let no more through, or takes no more connections. */
  | 'relay-limit'
  /** A cap of this node: what the peers' own caps are is not known here, they show as `choked` or `slow`. */
  | 'rate-limit'
  /** The disk refuses, or is still busy with what came. */
  | 'disk'

/** What is being done about it. */
export type StallRemedy =
  /** Looking for others, through the DHT or the share's topic. */
  | { readonly type: 'search' }
  | { readonly type: 'dial'; readonly peers: number }
  /** Known peers are tried again; the first of them after so long. */
  | { readonly type: 'reconnect'; readonly peers: number; readonly inMs: number }
  /** For peers that hold it to say "your turn". */
  | { readonly type: 'wait-slot'; readonly peers: number }
  /** For what was asked for; the requests go to others, or are repeated, after a while. */
  | { readonly type: 'wait-bytes'; readonly peers: number }
  /** Until the cap lets something through. */
  | { readonly type: 'wait-cap'; readonly inMs: number }
  /** Until the disk took what came, or is asked again. */
  | { readonly type: 'wait-disk'; readonly inMs?: number }

/** Why a download stands still. */
export interface Stall {
  readonly cause: StallCause
  /** The cause in words, with what is known of it; may hold what a peer or the system said. */
  readonly detail: string
  /** Empty: nothing is left to try. */
  readonly trying: readonly StallRemedy[]
}

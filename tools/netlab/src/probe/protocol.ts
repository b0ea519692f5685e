/** Ports of the echo server on both addresses of the relay. Away from STUN's, which a lab may use for the real thing. */
export const ECHO_PORTS = [3901, 3902] as const

/**
 * What a probe asks: `map` for its own address; `filter` for an answer from the other port, one from the other address and,
 * after those two, one from where it asked; `tcp` for a connection to the address it is seen at.
 */
export type Question = 'map' | 'filter' | 'tcp'

/** What the echo server answers. `from` says from where, as the sockets of a probe do not tell. */
export interface Answer {
  readonly question: Question
  readonly from: 'here' | 'other-port' | 'other-address'
  readonly address: string
  readonly port: number
  readonly tcp?: 'dropped' | 'refused' | 'open'
}

/** How long the last answer to `filter` waits for the other two: more than jitter of a lab spreads them. */
export const FILTER_GRACE_MS = 150
/** A refusal comes within a round trip. */
export const TCP_PATIENCE_MS = 600

/** Ways to ask a gateway. */
export type MapMethod = 'pcp' | 'nat-pmp' | 'upnp'

/** What a gateway can map. */
export type MapProtocol = 'tcp' | 'udp'

/** One listener of this node that a gateway is to let in. */
export interface MapTarget {
  readonly internalIp: string
  readonly internalPort: number
  readonly protocol: MapProtocol
}

/** One question for a mapping. */
export interface MapRequest extends MapTarget {
  /** The outside port that is liked best; the gateway may give another. */
  readonly suggestedPort: number
  /** The outside address that is liked best, when one was had before. */
  readonly suggestedIp?: string
  readonly lifetimeMs: number
  /** 12 random bytes, the same for all questions about one mapping: who has them may change and remove it (PCP). */
  readonly nonce: Uint8Array
}

/** What a gateway gave. */
export interface Mapped {
  readonly externalIp: string
  readonly externalPort: number
  readonly lifetimeMs: number
  /** The gateway's count of seconds since it lost its state, where the protocol has one. */
  readonly epochSeconds?: number
}

/** What a gateway says of itself. */
export interface GatewayState {
  readonly epochSeconds?: number
  readonly externalIp?: string
}

/** One way to talk with one gateway. Errors: `GatewayRefusedError`, `InvalidMessageError`, or the signal's reason. */
export interface GatewayClient {
  readonly method: MapMethod
  /** Ask something that changes nothing; an answer proves that the gateway speaks this protocol. */
  probe(signal: AbortSignal): Promise<GatewayState>
  map(request: MapRequest, signal: AbortSignal): Promise<Mapped>
  unmap(request: MapRequest, externalPort: number, signal: AbortSignal): Promise<void>
  /** Whether the gateway still has the mapping; only where `probe` has no epoch to tell by. */
  holds?(protocol: MapProtocol, externalPort: number, signal: AbortSignal): Promise<boolean>
}

/** A mapping that a gateway gave, for as long as it gave it. */
export interface Lease {
  readonly method: MapMethod
  readonly externalIp: string
  readonly externalPort: number
  readonly obtainedAt: number
  readonly lifetimeMs: number
}

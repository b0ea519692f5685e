import {
  BYTES_WINDOW_MS,
  MAX_CIRCUITS,
  MAX_CIRCUITS_PER_IP,
  MAX_CIRCUITS_PER_PEER,
  MAX_PEER_BYTES_PER_MINUTE,
  MAX_RESERVATIONS_PER_IP,
  MAX_TOTAL_BYTES_PER_MINUTE,
  PENDING_CIRCUIT_MS
} from './constants.ts'

/** What a relay gives at most. */
export interface RelayLimits {
  /** Places held by one IP address (IPv6: one /64). @default 32 */
  readonly maxReservationsPerIp: number
  /** Circuits open in all. @default 512 */
  readonly maxCircuits: number
  /** Circuits open with one peer at either end. @default 16 */
  readonly maxCircuitsPerPeer: number
  /** Circuits open that one IP address asked for. @default 64 */
  readonly maxCircuitsPerIp: number
  /** Bytes a minute that the circuits of one peer carry, both directions. @default 134_217_728 */
  readonly maxPeerBytesPerMinute: number
  /** Bytes a minute that all circuits carry, both directions. @default 2_147_483_648 */
  readonly maxTotalBytesPerMinute: number
}

/** The defaults of `RelayLimits`. */
export const RELAY_LIMITS: RelayLimits = Object.freeze({
  maxReservationsPerIp: MAX_RESERVATIONS_PER_IP,
  maxCircuits: MAX_CIRCUITS,
  maxCircuitsPerPeer: MAX_CIRCUITS_PER_PEER,
  maxCircuitsPerIp: MAX_CIRCUITS_PER_IP,
  maxPeerBytesPerMinute: MAX_PEER_BYTES_PER_MINUTE,
  maxTotalBytesPerMinute: MAX_TOTAL_BYTES_PER_MINUTE
})

/** Why a relay does not do what it was asked. */
export type RelayDenial =
  'reservations-per-ip' | 'circuits' | 'circuits-per-peer' | 'circuits-per-ip' | 'peer-bytes' | 'total-bytes'

/** A circuit that was let through, until it is ended. */
export interface CircuitKey {
  readonly source: string
  readonly target: string
}

interface Circuit extends CircuitKey {
  readonly ip: string | undefined
  readonly since: number
  open: boolean
}

/**
 * What a relay has given to whom. Time comes in with each call (milliseconds, does not go back); nothing else does, so
 * that it behaves the same in a test. Who has no IP address has no quota by IP.
 */
export class RelayQuota {
  readonly #limits: RelayLimits
  readonly #circuits = new Set<Circuit>()
  readonly #bytes = new Map<string, number>()
  #totalBytes = 0
  #windowStart = -Infinity
  #relayedBytes = 0

  constructor(limits: RelayLimits = RELAY_LIMITS) {
    this.#limits = limits
  }

  /** Whether one more place may go to `ip`; `held` are the IP addresses that hold the others. */
  denyReservation(ip: string | undefined, held: readonly (string | undefined)[]): RelayDenial | undefined {
    const count = ip === undefined ? 0 : held.filter((each) => each === ip).length
    return count >= this.#limits.maxReservationsPerIp ? 'reservations-per-ip' : undefined
  }

  /** Let a circuit through, or say why not. It counts from now on: until `end()`, or for a while if it never opens. */
  request(key: CircuitKey, ip: string | undefined, now: number): RelayDenial | undefined {
    for (const circuit of this.#circuits) {
      if (!circuit.open && now - circuit.since >= PENDING_CIRCUIT_MS) {
        this.#circuits.delete(circuit)
      }
    }
    const denial = this.#denyCircuit(key, ip) ?? this.#denyBytes(key, now)
    if (denial === undefined) {
      this.#circuits.add({ ...key, ip, since: now, open: false })
    }
    return denial
  }

  /** The circuit that was let through carries bytes now. */
  open(key: CircuitKey): void {
    const circuit = this.#find(key, false)
    if (circuit !== undefined) {
      circuit.open = true
    }
  }

  end(key: CircuitKey): void {
    const circuit = this.#find(key, true) ?? this.#find(key, false)
    if (circuit !== undefined) {
      this.#circuits.delete(circuit)
    }
  }

  /** Count what a circuit carried; the answer says whether it has to be cut. */
  carry(key: CircuitKey, bytes: number, now: number): RelayDenial | undefined {
    this.#roll(now)
    this.#relayedBytes += bytes
    this.#totalBytes += bytes
    for (const peer of [key.source, key.target]) {
      this.#bytes.set(peer, (this.#bytes.get(peer) ?? 0) + bytes)
    }
    const { maxPeerBytesPerMinute, maxTotalBytesPerMinute } = this.#limits
    if ([key.source, key.target].some((peer) => (this.#bytes.get(peer) ?? 0) > maxPeerBytesPerMinute)) {
      return 'peer-bytes'
    }
    return this.#totalBytes > maxTotalBytesPerMinute ? 'total-bytes' : undefined
  }

  /** Circuits that are open or asked for, and bytes since the start, both directions. */
  totals(): { readonly circuits: number; readonly bytes: number } {
    return { circuits: this.#circuits.size, bytes: this.#relayedBytes }
  }

  #denyCircuit({ source, target }: CircuitKey, ip: string | undefined): RelayDenial | undefined {
    const { maxCircuits, maxCircuitsPerIp, maxCircuitsPerPeer } = this.#limits
    const all = [...this.#circuits]
    const of = (peer: string): number => all.filter((each) => each.source === peer || each.target === peer).length
    if (all.length >= maxCircuits) {
      return 'circuits'
    }
    if (of(source) >= maxCircuitsPerPeer || of(target) >= maxCircuitsPerPeer) {
      return 'circuits-per-peer'
    }
    const fromIp = ip === undefined ? 0 : all.filter((each) => each.ip === ip).length
    return fromIp >= maxCircuitsPerIp ? 'circuits-per-ip' : undefined
  }

  #denyBytes({ source, target }: CircuitKey, now: number): RelayDenial | undefined {
    this.#roll(now)
    const { maxPeerBytesPerMinute, maxTotalBytesPerMinute } = this.#limits
    if ([source, target].some((peer) => (this.#bytes.get(peer) ?? 0) >= maxPeerBytesPerMinute)) {
      return 'peer-bytes'
    }
    return this.#totalBytes >= maxTotalBytesPerMinute ? 'total-bytes' : undefined
  }

  /** Whole windows: what is counted is bounded by the circuits of one of them. */
  #roll(now: number): void {
    if (now - this.#windowStart >= BYTES_WINDOW_MS) {
      this.#windowStart = now
      this.#bytes.clear()
      this.#totalBytes = 0
    }
  }

  #find({ source, target }: CircuitKey, open: boolean): Circuit | undefined {
    return [...this.#circuits].find((each) => each.source === source && each.target === target && each.open === open)
  }
}

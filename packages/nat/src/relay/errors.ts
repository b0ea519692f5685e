import { P2PShareError } from '@p2pshare/interface'
import type { RelayDenial } from './relay-quota.ts'

/** A circuit through our relay carried as many bytes as it may. */
export class RelayQuotaError extends P2PShareError {
  static override readonly name = 'RelayQuotaError'
  override readonly name = 'RelayQuotaError'
  readonly code = 'ERR_RELAY_QUOTA'
  readonly fault = 'remote'
  readonly denial: RelayDenial

  constructor(denial: RelayDenial) {
    super(`a circuit was cut: ${denial} is used up`)
    this.denial = denial
  }
}

/** What circuit relay v2 says when there is no circuit. */
const STATUS: Readonly<Record<number, string>> = {
  200: 'RESERVATION_REFUSED',
  201: 'RESOURCE_LIMIT_EXCEEDED',
  202: 'PERMISSION_DENIED',
  203: 'CONNECTION_FAILED',
  204: 'NO_RESERVATION',
  400: 'MALFORMED_MESSAGE',
  401: 'UNEXPECTED_MESSAGE'
}

/** The relay did not open the circuit that was asked for. Says why in libp2p's own words, by which others know it. */
export class CircuitRefusedError extends P2PShareError {
  static override readonly name = 'CircuitRefusedError'
  override readonly name = 'CircuitRefusedError'
  readonly code = 'ERR_CIRCUIT_REFUSED'
  readonly fault = 'remote'
  readonly status: number

  constructor(status: number) {
    super(`failed to connect via relay with status ${STATUS[status] ?? 'undefined'}`)
    this.status = status
  }
}

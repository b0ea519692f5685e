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

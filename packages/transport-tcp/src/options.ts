import { InvalidOptionError } from '@p2pshare/interface'
import { MAX_PEERS } from './constants.ts'

/** What the user of `transportTcp()` may choose. */
export interface TransportTcpInit {
  /**
   * Peers remembered. More cost memory, fewer forget sooner.
   *
   * @default 128
   */
  maxPeers?: number
}

/** The defaults of `TransportTcpInit`. */
export const transportTcpDefaults: Readonly<Required<TransportTcpInit>> = Object.freeze({ maxPeers: 128 })

/** Fills in defaults; throws `InvalidOptionError` now rather than at first use. */
export function resolveTransportTcpOptions(init: TransportTcpInit): Required<TransportTcpInit> {
  const options = { ...transportTcpDefaults, ...init }
  if (!Number.isInteger(options.maxPeers) || options.maxPeers < 1 || options.maxPeers > MAX_PEERS) {
    throw new InvalidOptionError('maxPeers', `must be a whole number from 1 to ${MAX_PEERS}`)
  }
  return options
}

import type { PeerId } from '@libp2p/interface'
import { P2PShareError } from '@p2pshare/interface'
import type { PunchAttempt } from '../types.ts'

/** No direct connection came about. `tries` says what was done. */
export class PunchFailedError extends P2PShareError {
  static override readonly name = 'PunchFailedError'
  override readonly name = 'PunchFailedError'
  readonly code = 'ERR_PUNCH_FAILED'
  readonly fault = 'network'
  readonly peer: PeerId
  readonly tries: readonly PunchAttempt[]

  constructor(peer: PeerId, tries: readonly PunchAttempt[], options?: ErrorOptions) {
    const reasons = tries.flatMap(({ strategy, reason }) => (reason === undefined ? [] : [`${strategy}: ${reason}`]))
    super(`no direct connection to ${peer.toString()}${reasons.length === 0 ? '' : `; ${reasons.join('; ')}`}`, options)
    this.peer = peer
    this.tries = tries
  }
}

/** There is no relayed connection to coordinate a punch over. */
export class NoRelayedConnectionError extends P2PShareError {
  static override readonly name = 'NoRelayedConnectionError'
  override readonly name = 'NoRelayedConnectionError'
  readonly code = 'ERR_NO_RELAYED_CONNECTION'
  readonly fault = 'local'

  constructor(peer: PeerId) {
    super(`there is no relayed connection to ${peer.toString()} to meet over`)
  }
}

/** As many punches as are allowed at a time are under way. */
export class TooManyPunchesError extends P2PShareError {
  static override readonly name = 'TooManyPunchesError'
  override readonly name = 'TooManyPunchesError'
  readonly code = 'ERR_TOO_MANY_PUNCHES'
  readonly fault = 'local'

  constructor(most: number) {
    super(`${most} hole punches are under way already`)
  }
}

/** The other end does not want to punch now. */
export class PunchRefusedError extends P2PShareError {
  static override readonly name = 'PunchRefusedError'
  override readonly name = 'PunchRefusedError'
  readonly code = 'ERR_PUNCH_REFUSED'
  readonly fault = 'remote'
  /** `superseded`: its own ask goes first. */
  readonly refusal: 'superseded' | 'busy'

  constructor(refusal: 'superseded' | 'busy') {
    super(refusal === 'busy' ? 'the peer has no time to punch now' : 'the ask of the peer goes first')
    this.refusal = refusal
  }
}

/** The other end does not know the coordination protocol. */
export class PunchUnsupportedError extends P2PShareError {
  static override readonly name = 'PunchUnsupportedError'
  override readonly name = 'PunchUnsupportedError'
  readonly code = 'ERR_PUNCH_UNSUPPORTED'
  readonly fault = 'remote'
}

/** One way did not lead anywhere. */
export class StrategyFailedError extends P2PShareError {
  static override readonly name = 'StrategyFailedError'
  override readonly name = 'StrategyFailedError'
  readonly code = 'ERR_STRATEGY_FAILED'
  readonly fault = 'network'
}

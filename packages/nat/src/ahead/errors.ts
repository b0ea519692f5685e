import { P2PShareError } from '@p2pshare/interface'

/** The other end did not take the protocol that was proposed, and what followed on its heels was lost. */
export class AheadRefusedError extends P2PShareError {
  static override readonly name = 'AheadRefusedError'
  override readonly name = 'AheadRefusedError'
  readonly code = 'ERR_AHEAD_REFUSED'
  readonly fault = 'remote'

  constructor() {
    super('the other end does not speak the protocol that was proposed first')
  }
}

import { P2PShareError } from '@p2pshare/interface'

/** Why a membership stream was reset. Nobody catches it: it is for logs. */
export class LinkFaultError extends P2PShareError {
  static override readonly name = 'LinkFaultError'
  override readonly name = 'LinkFaultError'
  readonly code = 'ERR_LINK_FAULT'
  readonly fault = 'remote'
  /** Why each address came to nothing, when some were tried. */
  readonly failures: readonly unknown[] | undefined

  constructor(message: string, failures?: readonly unknown[]) {
    super(message)
    this.failures = failures
  }
}

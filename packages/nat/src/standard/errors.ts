import { P2PShareError } from '@p2pshare/interface'

/** A fresh connection was asked for, and dials of others to the same peer came in between each time. */
export class DialJoinedError extends P2PShareError {
  static override readonly name = 'DialJoinedError'
  override readonly name = 'DialJoinedError'
  readonly code = 'ERR_DIAL_JOINED'
  readonly fault = 'local'
}

/** An address that a peer asked about could not be dialled. Its words go to that peer, so they say nothing of this node. */
export class VerificationError extends P2PShareError {
  static override readonly name = 'VerificationError'
  override readonly name = 'VerificationError'
  readonly code = 'ERR_VERIFICATION'
  readonly fault = 'remote'
}

import { P2PShareError } from '@p2pshare/interface'

/** The dial of an address was called off: another of the same peer answered, or nobody wants it any more. */
export class LostRaceError extends P2PShareError {
  static override readonly name = 'LostRaceError'
  override readonly name = 'LostRaceError'
  readonly code = 'ERR_LOST_RACE'
  readonly fault = 'local'

  constructor() {
    super('another address was there first')
  }
}

/** No address of the peer answered, and this one was not dialled any more. */
export class NotInRaceError extends P2PShareError {
  static override readonly name = 'NotInRaceError'
  override readonly name = 'NotInRaceError'
  readonly code = 'ERR_NOT_IN_RACE'
  readonly fault = 'network'

  constructor() {
    super('no address of the peer answered')
  }
}

/** A dial of a peer's own addresses joined others of the same peer each time, and they ended with a circuit. */
export class SwallowedDialError extends P2PShareError {
  static override readonly name = 'SwallowedDialError'
  override readonly name = 'SwallowedDialError'
  readonly code = 'ERR_DIAL_SWALLOWED'
  readonly fault = 'local'

  constructor(options?: ErrorOptions) {
    super('other dials of the same peer came in between each time', options)
  }
}

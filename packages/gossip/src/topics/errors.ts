import { P2PShareError } from '@p2pshare/interface'

/** More shares are exchanged at the same time than other nodes would take subscriptions for. */
export class TooManySharesError extends P2PShareError {
  static override readonly name = 'TooManySharesError'
  override readonly name = 'TooManySharesError'
  readonly code = 'ERR_TOO_MANY_SHARES'
  readonly fault = 'user'
  override readonly advice = 'end the exchange of shares that are quiet, or raise maxShares'
  readonly max: number

  constructor(max: number, options?: ErrorOptions) {
    super(`peers of ${max} shares are exchanged already`, options)
    this.max = max
  }
}

/** More questions are asked, or more names of questions answered, than a node keeps in mind. */
export class TooManyAsksError extends P2PShareError {
  static override readonly name = 'TooManyAsksError'
  override readonly name = 'TooManyAsksError'
  readonly code = 'ERR_TOO_MANY_ASKS'
  readonly fault = 'user'
  override readonly advice = 'wait until some have ended'
  readonly max: number

  constructor(what: 'questions' | 'handlers', max: number, options?: ErrorOptions) {
    super(`there are ${max} ${what} already`, options)
    this.max = max
  }
}

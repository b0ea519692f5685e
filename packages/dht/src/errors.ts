import { P2PShareError } from '@p2pshare/interface'

/** More roots are announced than one node can keep announced. */
export class TooManyRootsError extends P2PShareError {
  static override readonly name = 'TooManyRootsError'
  override readonly name = 'TooManyRootsError'
  readonly code = 'ERR_TOO_MANY_ROOTS'
  readonly fault = 'user'
  override readonly advice = 'share a directory that holds the files: it needs one announcement instead of one per file'
  readonly max: number

  constructor(max: number, options?: ErrorOptions) {
    super(`${max} roots are announced already`, options)
    this.max = max
  }
}

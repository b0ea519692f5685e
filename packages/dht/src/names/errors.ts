import { P2PShareError } from '@p2pshare/interface'

/** What is no name. */
export class InvalidNameError extends P2PShareError {
  static override readonly name = 'InvalidNameError'
  override readonly name = 'InvalidNameError'
  readonly code = 'ERR_INVALID_NAME'
  readonly fault = 'user'
  override readonly advice = 'a name is what publish printed: it begins with k51 or 12D3Koo'

  constructor(text: string, options?: ErrorOptions) {
    super(`${JSON.stringify(text.slice(0, 80))} is not a name`, options)
  }
}

/** A record that does not say what its name's key has signed, or not any more. */
export class InvalidNameRecordError extends P2PShareError {
  static override readonly name = 'InvalidNameRecordError'
  override readonly name = 'InvalidNameRecordError'
  readonly code = 'ERR_INVALID_NAME_RECORD'
  readonly fault = 'remote'

  constructor(why: string, options?: ErrorOptions) {
    super(`not a valid record of the name: ${why}`, options)
  }
}

/** Nobody who was asked has a valid record of a name. */
export class NameNotFoundError extends P2PShareError {
  static override readonly name = 'NameNotFoundError'
  override readonly name = 'NameNotFoundError'
  readonly code = 'ERR_NAME_UNRESOLVED'
  readonly fault = 'network'
  override readonly advice = 'records live for two days: ask its owner to publish it again'

  constructor(name: string, options?: ErrorOptions) {
    super(`nobody knows what ${name} stands for`, options)
  }
}

/** Too few peers took a record; this node tries again while it runs. */
export class NameNotPublishedError extends P2PShareError {
  static override readonly name = 'NameNotPublishedError'
  override readonly name = 'NameNotPublishedError'
  readonly code = 'ERR_NAME_NOT_PUBLISHED'
  readonly fault = 'network'
  override readonly advice = 'join the network through a node that is reachable, with --bootstrap'
  /** How many took it. */
  readonly acks: number

  constructor(name: string, acks: number, options?: ErrorOptions) {
    super(`${acks === 0 ? 'nobody' : `only ${acks}`} took the record of ${name}`, options)
    this.acks = acks
  }
}

import { P2PShareError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'

/** A STUN server did not answer in all its time, or UDP does not pass. */
export class NoStunAnswerError extends P2PShareError {
  static override readonly name = 'NoStunAnswerError'
  override readonly name = 'NoStunAnswerError'
  readonly code = 'ERR_NO_STUN_ANSWER'
  readonly fault = 'network'
  readonly server: DatagramAddress

  constructor(server: DatagramAddress) {
    super(`no STUN answer from ${server.host} port ${server.port}`)
    this.server = server
  }
}

/** More questions are open on one socket than there is room for. */
export class TooManyQuestionsError extends P2PShareError {
  static override readonly name = 'TooManyQuestionsError'
  override readonly name = 'TooManyQuestionsError'
  readonly code = 'ERR_TOO_MANY_QUESTIONS'
  readonly fault = 'local'

  constructor(most: number) {
    super(`more than ${most} STUN questions are open on one socket`)
  }
}

/** The system did not give a UDP socket. */
export class BindFailedError extends P2PShareError {
  static override readonly name = 'BindFailedError'
  override readonly name = 'BindFailedError'
  readonly code = 'ERR_UDP_BIND'
  readonly fault = 'local'
  override readonly advice = 'check that the port is free and the host is one of this machine'

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`cannot open UDP ${host} port ${port}`, options)
  }
}

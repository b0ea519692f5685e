import { randomBytes } from 'node:crypto'
import { DeadlineError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import { INIT_RETRY_FACTOR, MAX_INIT_RETRY_MS, MAX_PENDING_DIALS, MAX_RETRIES_OF_ONE_DIAL } from '../constants.ts'
import { DialRejectedError, TooManyDialsError } from '../errors.ts'
import { unlessAborted } from '../events.ts'
import { isSame } from '../multiaddr.ts'
import type { UdpSocket } from '../udp-socket.ts'
import { NONCE_BYTES, encodeHandshake } from '../wire/handshake.ts'
import type { Answer } from '../wire/handshake.ts'

/** One question, until it is answered. */
export interface DialRequest {
  readonly socket: UdpSocket
  /** Canonical. */
  readonly remote: DatagramAddress
  readonly localId: number
  readonly retryMs: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

interface Pending {
  readonly request: DialRequest
  onAnswer(answer: Answer): void
}

/** Asks for connections, again and again, and matches answers to questions. */
export class Dials {
  readonly #pending = new Map<string, Pending>()

  get size(): number {
    return this.#pending.size
  }

  /**
   * The stream id of the other end.
   *
   * @throws DialRejectedError when it takes no more
   * @throws DeadlineError when it does not answer
   * @throws TooManyDialsError at the bound
   */
  async ask(request: DialRequest): Promise<number> {
    const { socket, remote, localId, signal, timeoutMs } = request
    signal.throwIfAborted()
    if (this.#pending.size >= MAX_PENDING_DIALS) {
      throw new TooManyDialsError(MAX_PENDING_DIALS)
    }
    const nonce = randomBytes(NONCE_BYTES)
    const key = nonceText(nonce)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    let cookie: Uint8Array | undefined
    let retries = 0
    let waitMs = request.retryMs
    let timer: NodeJS.Timeout | undefined
    const send = (): void => {
      socket.send(encodeHandshake({ type: 'init', nonce, id: localId, cookie }), remote)
    }
    const sendAgain = (): void => {
      send()
      timer = setTimeout(sendAgain, waitMs)
      waitMs = Math.min(waitMs * INIT_RETRY_FACTOR, MAX_INIT_RETRY_MS)
    }
    const onAnswer = (answer: Answer): void => {
      switch (answer.type) {
        case 'accept':
          resolve(answer.id)
          break
        case 'reject':
          reject(new DialRejectedError(`${remote.host} port ${remote.port}`))
          break
        case 'retry':
          // a question that was sent twice is answered twice
          if (
            retries < MAX_RETRIES_OF_ONE_DIAL &&
            (cookie === undefined || Buffer.compare(cookie, answer.cookie) !== 0)
          ) {
            retries++
            cookie = answer.cookie
            send()
          }
      }
    }
    const deadline = setTimeout(() => {
      reject(new DeadlineError('the answer to a dial', timeoutMs))
    }, timeoutMs)
    this.#pending.set(key, { request, onAnswer })
    try {
      sendAgain()
      return await unlessAborted(promise, { signal })
    } finally {
      clearTimeout(timer)
      clearTimeout(deadline)
      this.#pending.delete(key)
    }
  }

  /** An answer counts only from where the question went to, over the socket it left from. */
  onAnswer(answer: Answer, from: DatagramAddress, socket: UdpSocket): void {
    const pending = this.#pending.get(nonceText(answer.nonce))
    if (pending?.request.socket === socket && isSame(pending.request.remote, from)) {
      pending.onAnswer(answer)
    }
  }
}

function nonceText(nonce: Uint8Array): string {
  return Buffer.from(nonce).toString('latin1')
}

import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { ConnectionFailedError, ListenError } from '@libp2p/interface'

/** Takes the near end of a new call. */
export type Answer = (port: MessagePort) => void

/**
 * Stands where a network stands under other transports: it knows who answers at which name. Nodes that are given the
 * same one can reach each other; nothing is global.
 */
export class Switchboard {
  readonly #answers = new Map<string, Answer>()

  /** @throws ListenError when the name is taken */
  open(name: string, answer: Answer): void {
    if (this.#answers.has(name)) {
      throw new ListenError(`somebody listens at ${JSON.stringify(name)} already`)
    }
    this.#answers.set(name, answer)
  }

  close(name: string): void {
    this.#answers.delete(name)
  }

  /** @throws ConnectionFailedError when nobody listens there */
  call(name: string): MessagePort {
    const answer = this.#answers.get(name)
    if (answer === undefined) {
      throw new ConnectionFailedError(`nobody listens at ${JSON.stringify(name)}`)
    }
    const { port1, port2 } = new MessageChannel()
    answer(port2)
    return port1
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { InvalidMessageError } from '@p2pshare/interface'
import { decodeKadMessage, encodeKadMessage } from '../wire/codec.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage } from '../wire/messages.ts'
import { MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import type { FindNodeServer } from './find-node.ts'
import type { ProviderServer } from './provider-server.ts'

/** A stream on which nothing comes for so long is closed (the stock server's time). */
export const REQUEST_TIMEOUT_MS = 10_000

/** Messages one stream may bring: sweeps send all keys of a region over one. */
export const MAX_STREAM_MESSAGES = 10_000

/**
 * Messages of one stream that are worked off before others have their turn: what has arrived is read without a pause, and
 * a flooder's window holds thousands.
 */
const MESSAGES_A_TURN = 16

/** What a `KadHandler` works with. */
export interface KadHandlerInit {
  readonly providers: ProviderServer
  readonly findNode: FindNodeServer
  /** Answers what is about neither providers nor nodes: names, and kad-dht's own handlers. */
  readonly others: (sender: PeerId, message: KadMessage) => Promise<KadMessage | undefined>
  readonly log: Logger
}

/** Reads requests from a stream one after the other, answers each, and closes it when the other end has. */
export class KadHandler {
  readonly #init: KadHandlerInit

  constructor(init: KadHandlerInit) {
    this.#init = init
  }

  /** For `registrar.handle`. Never rejects. */
  readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
    try {
      for (let count = 0; stream.readStatus === 'readable'; count++) {
        const bytes = await messages.read({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
        if (count >= MAX_STREAM_MESSAGES) {
          throw new InvalidMessageError(`kad: more than ${MAX_STREAM_MESSAGES} messages on one stream`)
        }
        if (count % MESSAGES_A_TURN === MESSAGES_A_TURN - 1) {
          await nextTurn()
        }
        const answer = await this.#answer(decodeKadMessage(bytes.subarray()), connection)
        if (answer !== undefined) {
          await messages.write(encodeKadMessage(answer), { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
        }
      }
      await stream.close({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    } catch (err) {
      if (isEnd(err)) {
        // the other end has said all it had to say: its sign that we took it
        await stream.close().catch(() => undefined)
        return
      }
      this.#init.log('request of %p failed - %e', connection.remotePeer, err)
      stream.abort(err instanceof Error ? err : new InvalidMessageError('kad', { cause: err }))
    }
  }

  async #answer(message: KadMessage, connection: Connection): Promise<KadMessage | undefined> {
    const sender = { id: connection.remotePeer, address: connection.remoteAddr }
    switch (message.type) {
      case MessageType.ADD_PROVIDER:
        this.#init.providers.add(message, sender)
        return undefined
      case MessageType.GET_PROVIDERS:
        return this.#init.providers.get(message, sender)
      case MessageType.FIND_NODE:
        return this.#init.findNode.answer(sender.id, message)
      case MessageType.PUT_VALUE:
      case MessageType.GET_VALUE:
      case MessageType.PING:
        return this.#init.others(sender.id, message)
    }
  }
}

function isEnd(err: unknown): boolean {
  return err instanceof Error && (err.name === 'UnexpectedEOFError' || err.name === 'StreamClosedError')
}

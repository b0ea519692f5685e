import type { Connection, Stream } from '@libp2p/interface'
import type { Random } from '@p2pshare/testkit'
import { TRANSFER_PROTOCOL } from '@p2pshare/transfer'
import { decodeMessage, delimit, encodeMessage, MAX_CONTROL_BYTES, Undelimiter } from '@p2pshare/transfer/codecs'
import type { Message } from '@p2pshare/transfer/codecs'
import type { Provider } from '@p2pshare/interface'
import { HostileSession } from './hostile-session.ts'
import type { Kind } from './kinds.ts'
import { startNode } from './nodes.ts'
import type { LightNode } from './nodes.ts'
import type { Target } from './target.ts'

type Hello = Message & { type: 'hello' }

/** What there is of a session. */
interface Half {
  control?: Stream
  data?: Stream
  session?: HostileSession
  /** Said before both lanes were there. */
  readonly messages: Message[]
}

/** A seeder over real connections that says it has everything, and is of some kind. */
export class HostilePeer {
  readonly #kind: Kind
  readonly #node: LightNode
  readonly #target: Target
  readonly #random: Random
  /** Lanes that wait for the other one, by the name of their session. */
  readonly #halves = new Map<string, Half>()

  private constructor(kind: Kind, node: LightNode, target: Target, random: Random) {
    this.#kind = kind
    this.#node = node
    this.#target = target
    this.#random = random
  }

  static async start(kind: Kind, target: Target, random: Random): Promise<HostilePeer> {
    const node = await startNode()
    const peer = new HostilePeer(kind, node, target, random)
    // the shipped service gave way: what is answered is up to this peer
    await node.libp2p.unhandle(TRANSFER_PROTOCOL)
    await node.libp2p.handle(TRANSFER_PROTOCOL, peer.#onStream, { maxInboundStreams: 256 })
    return peer
  }

  get provider(): Provider {
    return { id: this.#node.peerId, multiaddrs: this.#node.libp2p.getMultiaddrs() }
  }

  async stop(): Promise<void> {
    await this.#node.stop()
  }

  readonly #onStream = (stream: Stream, _connection: Connection): void => {
    const messages = new Undelimiter(MAX_CONTROL_BYTES)
    let hear: ((message: Message) => void) | undefined
    let isData = false
    stream.addEventListener('message', ({ data }) => {
      for (const chunk of isData ? [] : data instanceof Uint8Array ? [data] : data) {
        for (let at = 0; at < chunk.byteLength;) {
          const { message: bytes, next } = messages.take(chunk, at)
          at = next
          if (bytes === undefined) {
            break
          }
          const message = decodeMessage(bytes)
          if (message.type === 'hello') {
            isData = message.lane === 'data'
            hear = this.#pair(stream, message)
          } else {
            hear?.(message)
          }
        }
      }
    })
  }

  /** Returns what hears the messages of the lane. */
  #pair(stream: Stream, { root, lane, session: name }: Hello): (message: Message) => void {
    const key = Buffer.from(name).toString('hex')
    const half = this.#halves.get(key) ?? { messages: [] }
    this.#halves.set(key, half)
    half[lane] = stream
    if (lane === 'control') {
      stream.send(delimit(encodeMessage({ type: 'hello', root, lane, session: name })))
    }
    if (half.control !== undefined && half.data !== undefined) {
      this.#halves.delete(key)
      half.session = this.#open(half.control, half.data)
      for (const message of half.messages.splice(0)) {
        this.#hear(half.session, message)
      }
    }
    return (message) => {
      if (half.session === undefined) {
        half.messages.push(message)
      } else {
        this.#hear(half.session, message)
      }
    }
  }

  #open(control: Stream, data: Stream): HostileSession {
    const session = new HostileSession({ target: this.#target, random: this.#random, control, data })
    const { begin } = this.#kind
    if (begin === undefined) {
      session.boast()
    } else {
      begin(session)
    }
    return session
  }

  #hear(session: HostileSession, message: Message): void {
    const { nodes, request } = this.#kind
    if (message.type === 'get-nodes') {
      const answered = nodes === undefined ? session.answerNodes(message) : nodes(session, message)
      answered.catch(() => undefined) // the session ended
    } else if (message.type === 'request') {
      request(session, message.runs)
    } else if (message.type === 'pass') {
      session.grantSoon()
    }
  }
}

import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import type { RejectReason } from '../wire/codec.ts'
import { answerHello, HELLO_TIMEOUT_MS, readHello, refuseHello } from './handshake.ts'
import type { Hello, LanePair } from './handshake.ts'

/** Sessions that have one of their two lanes, for all peers together; more are refused as busy. */
export const MAX_HALF_OPEN = 256

/** The same for one peer: as many roots as it may start to fetch within ten seconds. */
export const MAX_HALF_OPEN_PER_PEER = 16

export interface AcceptorInit {
  /** Called for each control lane; a reason refuses the session. */
  admit(peer: PeerId, root: CID, connection: Connection): RejectReason | undefined
  /** Both lanes are here and the peer was told so. */
  accepted(peer: PeerId, root: CID, lanes: LanePair, connection: Connection): void
  readonly shutdown: AbortSignal
}

interface HalfOpen {
  readonly peer: string
  control?: Stream
  data?: Stream
}

/** Pairs the lanes of sessions that peers open. Lanes of one session may arrive in either order. */
export class Acceptor {
  readonly #init: AcceptorInit
  readonly #halfOpen = new Map<string, HalfOpen>()

  constructor(init: AcceptorInit) {
    this.#init = init
  }

  /** A libp2p stream handler; a throw resets the stream. */
  readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const signal = anySignal([this.#init.shutdown, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    try {
      const hello = await readHello(stream, { signal })
      const refusal = this.#refusal(hello, connection)
      if (refusal !== undefined) {
        await refuseHello(stream, refusal, { signal })
        return
      }
      if (hello.lane === 'control') {
        await answerHello(stream, hello, { signal })
      }
      this.#pair(stream, hello, connection)
    } finally {
      signal.clear()
    }
  }

  #refusal(hello: Hello, connection: Connection): RejectReason | undefined {
    if (this.#isFull(hello, connection.remotePeer)) {
      return 'busy'
    }
    return hello.lane === 'control' ? this.#init.admit(connection.remotePeer, hello.root, connection) : undefined
  }

  /** A lane that completes a session finds room whatever else is half open. */
  #isFull(hello: Hello, peer: PeerId): boolean {
    if (this.#halfOpen.has(keyOf(hello, peer))) {
      return false
    }
    const text = peer.toString()
    const ofPeer = [...this.#halfOpen.values()].filter((half) => half.peer === text).length
    return this.#halfOpen.size >= MAX_HALF_OPEN || ofPeer >= MAX_HALF_OPEN_PER_PEER
  }

  #pair(stream: Stream, hello: Hello, connection: Connection): void {
    const peer = connection.remotePeer
    const key = keyOf(hello, peer)
    const half = this.#halfOpen.get(key) ?? this.#expect(key, peer)
    if (half[hello.lane] !== undefined) {
      throw new InvalidMessageError(`a second ${hello.lane} lane of one session`)
    }
    half[hello.lane] = stream
    const { control, data } = half
    if (control !== undefined && data !== undefined) {
      this.#halfOpen.delete(key)
      this.#init.accepted(peer, hello.root, { control, data }, connection)
    }
  }

  /** Wait for the other lane, but not for long. */
  #expect(key: string, peer: PeerId): HalfOpen {
    const half: HalfOpen = { peer: peer.toString() }
    this.#halfOpen.set(key, half)
    const expired = anySignal([this.#init.shutdown, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    expired.addEventListener('abort', () => {
      expired.clear()
      if (this.#halfOpen.get(key) === half) {
        this.#halfOpen.delete(key)
        for (const stream of [half.control, half.data]) {
          stream?.abort(new DOMException('the other lane of the session did not come', 'TimeoutError'))
        }
      }
    })
    return half
  }
}

function keyOf(hello: Hello, peer: PeerId): string {
  return `${peer.toString()} ${hello.root.toString()} ${base58btc.encode(hello.session)}`
}

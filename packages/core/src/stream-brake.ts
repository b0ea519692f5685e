import type { Libp2pEvents, MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'
import { FAILURES_BETWEEN, FailureBudget } from './failure-budget.ts'

/** Peers whose failures are remembered when their connection is gone; the one that failed longest ago is forgotten first. */
export const MAX_BRAKED_PEERS = 4096

/** What a muxer of libp2p's own base, and yamux, do with the streams that a peer opens. */
type Accepting = StreamMuxer & {
  onRemoteStream?: (stream: Stream) => void
  /** More are reset before anything is done for them. */
  maxInboundStreams?: number
  readonly numInboundStreams?: number
}

/** What the brake needs of a node. */
export interface BrakeComponents {
  readonly events: TypedEventTarget<Libp2pEvents>
}

/**
 * A muxer that slows down peers whose streams come to nothing. A stream costs its opener twelve bytes and this node its
 * negotiation, several timers and a look into the peer store, on the one thread there is: a peer that opens them by the
 * thousand, past a protocol's limit or to say nothing, has all of it. What of a peer is refused or reset is counted, and
 * when it is too much (`FailureBudget`) its connection is read no more for a while. To close it would be worth less: the
 * next one costs a handshake. One that comes back waits on.
 */
export function brakedStreams(
  inner: () => StreamMuxerFactory,
  now = () => performance.now()
): (components: BrakeComponents) => StreamMuxerFactory {
  return ({ events }) => {
    const factory = inner()
    const known = new Map<string, FailureBudget>()
    /** By the list of its streams, the only thing of a muxer that a connection shows. */
    const brakes = new WeakMap<readonly Stream[], Brake>()
    events.addEventListener('connection:open', ({ detail: { streams, remotePeer } }) => {
      brakes.get(streams)?.meet(remotePeer.toString())
    })
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        const muxer: Accepting = factory.createStreamMuxer(connection)
        const brake = new Brake(connection, muxer, known, now)
        brakes.set(muxer.streams, brake)
        const onRemoteStream = muxer.onRemoteStream?.bind(muxer)
        if (onRemoteStream !== undefined) {
          muxer.onRemoteStream = (stream) => {
            brake.watch(stream)
            onRemoteStream(stream)
          }
        }
        return muxer
      }
    }
  }
}

/** Slows down one connection. */
class Brake {
  readonly #connection: MessageStream
  readonly #muxer: Accepting
  readonly #known: Map<string, FailureBudget>
  readonly #now: () => number
  readonly #maxStreams: number | undefined
  #budget: FailureBudget
  #peer: string | undefined

  constructor(connection: MessageStream, muxer: Accepting, known: Map<string, FailureBudget>, now: () => number) {
    this.#connection = connection
    this.#muxer = muxer
    this.#known = known
    this.#now = now
    this.#maxStreams = muxer.maxInboundStreams
    this.#budget = new FailureBudget(now())
  }

  /** Whose connection it is. What the peer did on another one counts. */
  meet(peer: string): void {
    this.#peer = peer
    this.#budget = this.#known.get(peer) ?? this.#budget
    this.#stop(this.#budget.waits(this.#now()))
  }

  watch(stream: Stream): void {
    if (!this.#budget.isOnTrial(this.#now())) {
      this.#admit(this.#maxStreams)
    }
    stream.addEventListener('close', ({ error }) => {
      if (error !== undefined) {
        this.#stop(this.#budget.spend(this.#now()))
      }
    })
  }

  /** Read no more for so long; the peer has to wait with what it sends. What was read by now is reset. */
  #stop(ms: number): void {
    if (ms === 0 || this.#connection.status !== 'open') {
      return
    }
    this.#remember()
    this.#connection.log('too many streams failed, not read for %d ms', ms)
    this.#admit(0)
    this.#connection.pause()
    setTimeout(() => {
      if (this.#connection.status === 'open') {
        this.#admit((this.#muxer.numInboundStreams ?? 0) + FAILURES_BETWEEN)
        this.#connection.resume()
      }
    }, ms).unref()
  }

  /** So many inbound streams at a time, of those that are there among them. */
  #admit(streams: number | undefined): void {
    if (this.#maxStreams !== undefined && streams !== undefined) {
      this.#muxer.maxInboundStreams = streams
    }
  }

  #remember(): void {
    if (this.#peer !== undefined) {
      this.#known.delete(this.#peer) // the newest is the last
      this.#known.set(this.#peer, this.#budget)
    }
    for (const peer of this.#known.keys()) {
      if (this.#known.size <= MAX_BRAKED_PEERS) {
        return
      }
      this.#known.delete(peer)
    }
  }
}

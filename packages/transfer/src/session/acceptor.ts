import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import type { RejectReason } from '../wire/codec.ts'
import { MAX_CONTROL_BYTES } from '../wire/limits.ts'
import { Deadlines } from './deadlines.ts'
import type { Deadline } from './deadlines.ts'
import { answerHello, HELLO_TIMEOUT_MS, readHello, refuseHello } from './handshake.ts'
import type { Hello, LanePair } from './handshake.ts'

/** Sessions that have one of their two lanes, for all peers together; of more the oldest of the peer that has most is given up. */
export const MAX_HALF_OPEN = 256

/**
 * The same for one peer; more of its lanes are reset. The two lanes of an honest opener come one behind the other, however
 * many sessions it begins.
 */
export const MAX_HALF_OPEN_PER_PEER = 16

/** Streams of one peer that have not said their HELLO yet, which comes with the stream: both lanes of as many sessions. */
export const MAX_SILENT_PER_PEER = 32

/** What a stream may hold before its session begins: a HELLO, which is far shorter, and one GET_NODES behind it. */
export const MAX_EARLY_BYTES = 2 * MAX_CONTROL_BYTES

export interface AcceptorInit {
  /** Called for each control lane; a reason refuses the session. */
  admit(peer: PeerId, root: CID, connection: Connection): RejectReason | undefined
  /**
   * Called for each control lane of a move: how much was heard of the session with this name, or a reason that refuses
   * the move. @default there are no sessions that can move
   */
  admitMove?(peer: PeerId, hello: Hello): number | RejectReason
  /** Both lanes are here and the peer was told so. They may be those of a move. */
  accepted(peer: PeerId, root: CID, lanes: LanePair, connection: Connection): void
  readonly shutdown: AbortSignal
}

interface HalfOpen {
  readonly peer: string
  /** Until the other lane has come. */
  readonly deadline: Deadline
  giveUp?: () => void
  control?: Stream
  data?: Stream
  /** What the control lane said. */
  hello?: Hello
}

/** Pairs the lanes of sessions that peers open. Lanes of one session may arrive in either order. */
export class Acceptor {
  readonly #init: AcceptorInit
  readonly #deadlines: Deadlines
  readonly #halfOpen = new Map<string, HalfOpen>()
  /** The same by peer, the oldest first. */
  readonly #ofPeer = new Map<string, Set<HalfOpen>>()
  /** Of each peer, streams that have not said HELLO. */
  readonly #silent = new Map<string, number>()

  constructor(init: AcceptorInit) {
    this.#init = init
    this.#deadlines = new Deadlines(init.shutdown)
  }

  /** A libp2p stream handler; a throw resets the stream. */
  readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const silent = this.#silent.get(peer) ?? 0
    if (silent >= MAX_SILENT_PER_PEER) {
      throw new InvalidMessageError('too many streams that say nothing')
    }
    this.#silent.set(peer, silent + 1)
    stream.maxReadBufferLength = MAX_EARLY_BYTES
    const deadline = this.#deadlines.start(HELLO_TIMEOUT_MS)
    const { signal } = deadline
    try {
      const hello = await this.#hear(stream, peer, signal)
      const admitted = this.#admit(hello, connection)
      if (typeof admitted === 'string') {
        await refuseHello(stream, admitted, { signal })
        return
      }
      if (hello.lane === 'control') {
        await answerHello(stream, hello, { signal, heard: admitted })
      }
      this.#pair(stream, hello, connection)
    } finally {
      deadline.clear()
    }
  }

  async #hear(stream: Stream, peer: string, signal: AbortSignal): Promise<Hello> {
    try {
      return await readHello(stream, { signal, maxBufferSize: MAX_EARLY_BYTES })
    } finally {
      const left = (this.#silent.get(peer) ?? 1) - 1
      if (left === 0) {
        this.#silent.delete(peer)
      } else {
        this.#silent.set(peer, left)
      }
    }
  }

  /** What was heard of the session; 0 for a new one, and for a data lane, which is not asked. */
  #admit(hello: Hello, connection: Connection): number | RejectReason {
    const peer = connection.remotePeer
    if (this.#isFull(hello, peer)) {
      return 'busy'
    }
    if (hello.lane === 'data') {
      return 0
    }
    if (hello.move !== undefined) {
      return this.#init.admitMove?.(peer, hello) ?? 'not-held'
    }
    return this.#init.admit(peer, hello.root, connection) ?? 0
  }

  /** A lane that completes a session finds room whatever else is half open. */
  #isFull(hello: Hello, peer: PeerId): boolean {
    if (this.#halfOpen.has(keyOf(hello, peer))) {
      return false
    }
    const ofPeer = this.#ofPeer.get(peer.toString())?.size ?? 0
    if (ofPeer >= MAX_HALF_OPEN_PER_PEER) {
      throw new InvalidMessageError('too many sessions of which one lane does not come')
    }
    return this.#halfOpen.size >= MAX_HALF_OPEN && !makeRoom(this.#ofPeer.values(), ofPeer)
  }

  #pair(stream: Stream, hello: Hello, connection: Connection): void {
    const peer = connection.remotePeer
    const key = keyOf(hello, peer)
    const half = this.#halfOpen.get(key) ?? this.#expect(key, peer)
    if (half[hello.lane] !== undefined) {
      throw new InvalidMessageError(`a second ${hello.lane} lane of one session`)
    }
    half[hello.lane] = stream
    if (hello.lane === 'control') {
      half.hello = hello
    }
    const { control, data, hello: said } = half
    if (control !== undefined && data !== undefined && said !== undefined) {
      this.#forget(key, half)
      this.#init.accepted(peer, hello.root, { control, data, ...lanesOf(said) }, connection)
    }
  }

  /** Wait for the other lane, but not for long. */
  #expect(key: string, peer: PeerId): HalfOpen {
    const half: HalfOpen = { peer: peer.toString(), deadline: this.#deadlines.start(HELLO_TIMEOUT_MS) }
    this.#halfOpen.set(key, half)
    this.#ofPeer.set(half.peer, (this.#ofPeer.get(half.peer) ?? new Set()).add(half))
    half.giveUp = () => {
      this.#forget(key, half)
      for (const stream of [half.control, half.data]) {
        stream?.abort(new DOMException('the other lane of the session did not come', 'TimeoutError'))
      }
    }
    half.deadline.signal.addEventListener('abort', half.giveUp)
    return half
  }

  #forget(key: string, half: HalfOpen): void {
    half.deadline.clear()
    this.#halfOpen.delete(key)
    const ofPeer = this.#ofPeer.get(half.peer)
    ofPeer?.delete(half)
    if (ofPeer?.size === 0) {
      this.#ofPeer.delete(half.peer)
    }
  }
}

/**
 * The oldest one of the peer that has most gives way to who has fewer: the second lane of an honest peer comes right behind
 * the first, so it is a flood that waits here.
 */
function makeRoom(byPeer: Iterable<ReadonlySet<HalfOpen>>, own: number): boolean {
  let most: ReadonlySet<HalfOpen> = new Set()
  for (const halves of byPeer) {
    most = halves.size > most.size ? halves : most
  }
  if (most.size <= own) {
    return false
  }
  const [oldest] = most
  oldest?.giveUp?.()
  return true
}

function lanesOf({ session, moves, move = 0, heard = 0 }: Hello): Omit<LanePair, 'control' | 'data'> {
  return { session, moves: moves === true, move, heardThere: heard }
}

function keyOf({ root, session, move = 0 }: Hello, peer: PeerId): string {
  return `${peer.toString()} ${root.toString()} ${base58btc.encode(session)} ${move}`
}

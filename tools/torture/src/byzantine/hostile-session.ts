import type { Stream } from '@libp2p/interface'
import type { Random } from '@p2pshare/testkit'
import { BLOCK_BYTES, delimit, encodeFrameHeader, encodeMessage, FRAME_HEADER_BYTES } from '@p2pshare/transfer/codecs'
import type { Message, Run } from '@p2pshare/transfer/codecs'
import { leafOf } from './target.ts'
import type { Target } from './target.ts'

/** Unsent bytes of a lane at which nothing more is written: hostile peers must not fill their own memory. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024

/** After a turn that was passed, so long until the next one. */
const REST_MS = 50

/** Turns that are granted at once. */
const GRANTED_LEAVES = 64

export interface HostileSessionInit {
  readonly target: Target
  readonly random: Random
  readonly control: Stream
  readonly data: Stream
}

/** The seeder's side of a session, as far as a hostile one keeps to the protocol. */
export class HostileSession {
  readonly target: Target
  readonly random: Random
  /** Aborted when the session ends. */
  readonly ended = new AbortController()
  readonly #control: Stream
  readonly #data: Stream
  #granting: NodeJS.Timeout | undefined

  constructor({ target, random, control, data }: HostileSessionInit) {
    this.target = target
    this.random = random
    this.#control = control
    this.#data = data
    for (const lane of [control, data]) {
      lane.addEventListener('close', () => {
        this.ended.abort()
      })
      lane.addEventListener('remoteCloseWrite', () => {
        lane.abort(new DOMException('over', 'AbortError'))
      })
    }
  }

  get isOpen(): boolean {
    return !this.ended.signal.aborted
  }

  /** Whether a lane takes more. */
  get hasRoom(): boolean {
    return (
      this.isOpen &&
      this.#data.writeBufferLength < MAX_BACKLOG_BYTES &&
      this.#control.writeBufferLength < MAX_BACKLOG_BYTES
    )
  }

  say(message: Message): void {
    this.sayBytes(delimit(encodeMessage(message)))
  }

  /** On the control lane, whatever it is. */
  sayBytes(bytes: Uint8Array): void {
    this.#write(this.#control, bytes)
  }

  /** On the data lane, whatever it is. */
  sendBytes(bytes: Uint8Array): void {
    this.#write(this.#data, bytes)
  }

  /** All of it is here, and it is your turn. */
  boast(): void {
    this.say({ type: 'want', ranges: [], urgent: false })
    this.say({ type: 'have', ranges: [{ start: 0, count: this.target.map.leafCount }] })
    this.grant()
  }

  grant(): void {
    this.say({ type: 'grant', leaves: GRANTED_LEAVES })
  }

  /** The same in a moment: turns that nobody has a use for are not to be handed to and fro at full speed. */
  grantSoon(): void {
    this.#granting ??= setTimeout(() => {
      this.#granting = undefined
      this.grant()
    }, REST_MS)
  }

  /** The blocks of a run as frame, from a leaf that may be any bytes. */
  frame({ leaf, first, count }: Run, bytes = leafOf(this.target, leaf)): Uint8Array {
    const body = bytes.subarray(first * BLOCK_BYTES, (first + count) * BLOCK_BYTES)
    const out = new Uint8Array(FRAME_HEADER_BYTES + body.byteLength)
    out.set(encodeFrameHeader({ kind: 'data', leaf, firstBlock: first, bytes: body.byteLength }))
    out.set(body, FRAME_HEADER_BYTES)
    return out
  }

  /** Inner nodes as they are, or as `change` makes them. */
  async answerNodes(
    { id, cids }: Message & { type: 'get-nodes' },
    change: (block: Uint8Array) => Uint8Array = (block) => block
  ): Promise<void> {
    for (const [ordinal, cid] of cids.entries()) {
      const block = await this.target.nodes.get(cid)
      const body = change(block ?? new Uint8Array())
      this.sendBytes(encodeFrameHeader({ kind: 'node', request: id, ordinal, bytes: body.byteLength }))
      this.sendBytes(body)
    }
  }

  /** Call `action` now and then until the session ends. */
  every(ms: number, action: () => void): void {
    const timer = setInterval(() => {
      if (this.hasRoom) {
        action()
      }
    }, ms)
    this.ended.signal.addEventListener('abort', () => {
      clearInterval(timer)
    })
  }

  #write(lane: Stream, bytes: Uint8Array): void {
    if (this.isOpen && bytes.byteLength > 0 && lane.writeStatus === 'writable') {
      try {
        lane.send(bytes)
      } catch {
        this.ended.abort() // it was reset by the other side
      }
    }
  }
}

import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { BulkChannel, BulkSink } from '@p2pshare/interface'
import type { Beside } from '../connection.ts'
import { UdxBulkChannelError } from '../errors.ts'
import type { NativeStream } from '../native.ts'
import {
  CREDIT_STEP_BYTES,
  MAX_RECORD_BYTES,
  WINDOW_BYTES,
  WRITE_HIGH_WATER_BYTES,
  WRITE_LOW_WATER_BYTES
} from './constants.ts'
import { InOrder } from './in-order.ts'
import { Intake } from './intake.ts'
import type { BulkKeys, BulkRole } from './keys.ts'
import { BulkLane } from './lane.ts'
import { RecordPool } from './record-pool.ts'
import { openRecord, sealRecord } from './record.ts'
import type { BulkRecord } from './record.ts'
import { WriteQueue } from './write-queue.ts'

export interface UdxBulkChannelInit {
  readonly streams: readonly NativeStream[]
  readonly keys: Pick<BulkKeys, 'send' | 'receive'>
  readonly role: BulkRole
  readonly sink: BulkSink
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
}

/**
 * A pipe of bytes over several UDX streams (SPEC.md#bulk-channels). Records go to whichever lane takes them, and are brought
 * into order at the other end. UDX cannot be told to wait, so each end says how much it took, and the other sends no more than
 * a window beyond that. One lane that breaks ends the channel.
 */
export class UdxBulkChannel implements BulkChannel, Beside {
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly closed: Promise<Error | undefined>
  /** Resolves when the other end was heard; rejects when the channel ended before. */
  readonly heard: Promise<void>
  readonly #init: UdxBulkChannelInit
  readonly #lanes: BulkLane[]
  readonly #queue = new WriteQueue()
  readonly #pool = new RecordPool()
  readonly #order = new InOrder<BulkRecord>()
  readonly #intake: Intake
  readonly #isClosed = Promise.withResolvers<Error | undefined>()
  readonly #isHeard = Promise.withResolvers<undefined>()
  #drains: Array<() => void> = []
  /** The lane whose turn it is. */
  #turn = 0
  #nextNumber = 0
  #sentBytes = 0
  #creditBytes = 0
  #arrivedBytes = 0
  #inOrderBytes = 0
  #toldBytes = 0
  #isEnding = false
  #hasSentEnd = false
  #hasRemoteEnded = false
  #isOver = false

  constructor(init: UdxBulkChannelInit) {
    this.#init = init
    this.remotePeer = init.remotePeer
    this.remoteAddr = init.remoteAddr
    this.#intake = new Intake(init.sink)
    this.closed = this.#isClosed.promise
    this.heard = this.#isHeard.promise
    this.heard.catch(() => undefined)
    this.#lanes = init.streams.map((stream) => {
      const lane: BulkLane = new BulkLane(stream, {
        onRecord: (record) => {
          this.#onRecord(lane, record)
        },
        onDrain: () => {
          this.#pump()
        },
        onOver: (error) => {
          this.#onLaneOver(error)
        }
      })
      return lane
    })
    if (init.role === 'opener') {
      // the inviter has its streams already, and sends nothing before it heard of ours
      for (const lane of this.#lanes) {
        this.#greet(lane)
      }
    }
  }

  get queuedBytes(): number {
    return this.#queue.queuedBytes
  }

  get bytesReceived(): number {
    return this.#lanes.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)
  }

  get bytesSent(): number {
    return this.#lanes.reduce((sum, { bytesSent }) => sum + bytesSent, 0)
  }

  get isSending(): boolean {
    return this.#lanes.some(({ isSending }) => isSending)
  }

  write(parts: readonly Uint8Array[], done?: () => void): boolean {
    if (this.#isEnding || this.#isOver) {
      if (done !== undefined) {
        queueMicrotask(done)
      }
      return false
    }
    this.#queue.add(parts, done)
    this.#pump()
    return this.queuedBytes < WRITE_HIGH_WATER_BYTES
  }

  async drained(): Promise<void> {
    if (this.#isOver || this.queuedBytes < WRITE_HIGH_WATER_BYTES) {
      return
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#drains.push(() => {
      resolve(undefined)
    })
    await promise
  }

  resume(): void {
    if (!this.#isOver) {
      this.#guard(() => {
        this.#intake.resume()
        this.#afterIntake()
      })
    }
  }

  end(): void {
    this.#isEnding = true
    this.#pump()
  }

  abort(error: Error): void {
    this.#finish(error)
  }

  pathEnded(error: Error): void {
    this.#finish(error)
  }

  #greet(lane: BulkLane): void {
    lane.write(sealRecord(this.#init.keys.send, { type: 'credit', number: this.#toldBytes }))
  }

  #onRecord(lane: BulkLane, bytes: Buffer): void {
    if (this.#isOver) {
      return
    }
    const record = openRecord(this.#init.keys.receive, bytes)
    if (!lane.isReady) {
      lane.isReady = true
      if (this.#init.role === 'inviter') {
        this.#greet(lane)
      }
      this.#isHeard.resolve(undefined)
      this.#pump()
    }
    if (record.type === 'credit') {
      this.#onCredit(record.number)
      return
    }
    this.#arrivedBytes += record.body.byteLength
    if (this.#arrivedBytes - this.#toldBytes > WINDOW_BYTES || this.#hasRemoteEnded) {
      throw new UdxBulkChannelError('protocol', 'more came than there is room for')
    }
    for (const { type, body } of this.#order.take(record.number, record)) {
      if (type === 'end') {
        this.#hasRemoteEnded = true
      } else {
        this.#inOrderBytes += body.byteLength
        this.#intake.give(body)
      }
    }
    this.#afterIntake()
  }

  #onCredit(bytes: number): void {
    if (bytes > this.#sentBytes) {
      throw new UdxBulkChannelError('protocol', 'the peer took more than was sent')
    }
    if (bytes > this.#creditBytes) {
      this.#creditBytes = bytes
      this.#pump()
    }
  }

  /** Tell what was taken; and end when that was all. */
  #afterIntake(): void {
    const consumed = this.#inOrderBytes - this.#intake.waitingBytes
    if (consumed - this.#toldBytes >= CREDIT_STEP_BYTES) {
      this.#toldBytes = consumed
      const lane = this.#lanes.find(({ isReady, isFull }) => isReady && !isFull) ?? this.#lanes[0]
      lane?.write(sealRecord(this.#init.keys.send, { type: 'credit', number: consumed }))
    }
    if (this.#hasRemoteEnded && this.#intake.waitingBytes === 0) {
      this.#finish(undefined)
    }
  }

  #pump(): void {
    while (!this.#isOver && this.queuedBytes > 0) {
      const room = WINDOW_BYTES - (this.#sentBytes - this.#creditBytes)
      const lane = room > 0 ? this.#nextLane() : undefined
      if (lane === undefined) {
        break
      }
      this.#queue.cut(Math.min(room, MAX_RECORD_BYTES), (parts) => {
        this.#sentBytes += parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
        const buffer = this.#pool.take()
        const record = sealRecord(this.#init.keys.send, { type: 'data', number: this.#nextNumber++, parts }, buffer)
        lane.write(record, () => {
          this.#pool.give(buffer)
        })
      })
    }
    if (this.queuedBytes <= WRITE_LOW_WATER_BYTES) {
      this.#wake()
    }
    const lane = this.#lanes.find(({ isReady }) => isReady)
    if (this.#isEnding && !this.#hasSentEnd && this.queuedBytes === 0 && lane !== undefined) {
      this.#hasSentEnd = true
      lane.write(sealRecord(this.#init.keys.send, { type: 'end', number: this.#nextNumber++ }))
    }
  }

  /** In turn, those that take more. */
  #nextLane(): BulkLane | undefined {
    const inTurn = [...this.#lanes.slice(this.#turn), ...this.#lanes.slice(0, this.#turn)]
    const lane = inTurn.find(({ isReady, isFull }) => isReady && !isFull)
    if (lane !== undefined) {
      this.#turn = (this.#lanes.indexOf(lane) + 1) % this.#lanes.length
    }
    return lane
  }

  #onLaneOver(error: Error | undefined): void {
    if (this.#isOver) {
      return
    }
    const hasAll = this.#hasSentEnd && error === undefined && this.queuedBytes === 0
    this.#finish(
      hasAll ? undefined : (error ?? new UdxBulkChannelError('unreachable', 'a stream of the channel ended'))
    )
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#finish(error instanceof Error ? error : new UdxBulkChannelError('sink', String(error)))
    }
  }

  #wake(): void {
    for (const resolve of this.#drains.splice(0)) {
      resolve()
    }
  }

  #finish(error: Error | undefined): void {
    if (this.#isOver) {
      return
    }
    this.#isOver = true
    for (const lane of this.#lanes) {
      if (error === undefined) {
        lane.end()
      } else {
        lane.destroy()
      }
    }
    this.#queue.clear()
    this.#wake()
    this.#isHeard.reject(error ?? new UdxBulkChannelError('unreachable', 'the peer ended the channel at once'))
    this.#isClosed.resolve(error)
  }
}

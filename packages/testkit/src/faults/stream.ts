import type { AbortOptions, Stream } from '@libp2p/interface'
import { AbstractStream, streamPair as libp2pStreamPair } from '@libp2p/utils'
import type { SendResult, StreamPairOptions } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Coupling } from './coupling.ts'
import { checkPlan } from './plan.ts'
import type { FaultPlan } from './plan.ts'

class FaultyStream extends AbstractStream {
  readonly #inner: Stream
  readonly #coupling: Coupling

  constructor(inner: Stream, plan: FaultPlan) {
    super({
      id: inner.id,
      protocol: inner.protocol,
      direction: inner.direction,
      log: inner.log,
      inactivityTimeout: inner.inactivityTimeout,
      maxReadBufferLength: inner.maxReadBufferLength,
      ...(inner.maxWriteBufferLength === undefined ? {} : { maxWriteBufferLength: inner.maxWriteBufferLength })
    })
    this.#inner = inner
    this.#coupling = new Coupling(inner, this, plan, {
      closeInner: async (options) => {
        await inner.close(options)
      },
      incomingEnded: () => {
        this.onRemoteCloseWrite()
      },
      seesEndPastStall: true
    })
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength
    return { sentBytes, canSendMore: this.#coupling.send(data) }
  }

  override sendReset(error: Error): void {
    this.#coupling.abort(error)
  }

  override sendPause(): void {
    this.#coupling.pause()
  }

  override sendResume(): void {
    this.#coupling.resume()
  }

  override async sendCloseWrite(options?: AbortOptions): Promise<void> {
    // `false` means that the end is lost on the way, which a sender does not notice either
    await this.#coupling.finish(options)
  }

  override async sendCloseRead(options?: AbortOptions): Promise<void> {
    await this.#inner.closeRead(options)
  }
}

/**
 * The stream with faults in its way. Use the result in place of `stream`, whose events and bytes now belong to it. The
 * other end needs no change and sees what a bad network or a bad peer would show it.
 */
export function faultyStream(stream: Stream, plan: FaultPlan): Stream {
  checkPlan(plan)
  return new FaultyStream(stream, plan)
}

/** Two connected streams, each the other end of the first's. No node, no negotiation; messages take a turn of the loop. */
export async function streamPair(options: StreamPairOptions = {}): Promise<[Stream, Stream]> {
  return libp2pStreamPair(options)
}

/** `streamPair` whose first stream has faults: its `outgoing` is what the second receives. */
export async function faultyStreamPair(plan: FaultPlan, options: StreamPairOptions = {}): Promise<[Stream, Stream]> {
  checkPlan(plan)
  const [first, second] = await streamPair(options)
  return [faultyStream(first, plan), second]
}

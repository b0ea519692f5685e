import type { Connection, MessageStream, Stream } from '@libp2p/interface'

/** Told of bytes that came or left. */
export interface ByteCounter {
  in(bytes: number): void
  out(bytes: number): void
}

/** The two methods of libp2p's message streams that every byte goes through, once. */
interface Metered {
  onData?: (data: { readonly byteLength: number }) => void
  sendData?: (data: { readonly byteLength: number }) => unknown
}

/**
 * Count what a stream or a raw connection carries from now on. A listener of `message` would do for reading, but the
 * first one opens the flow, before the stream's owner listens. One that is not made from libp2p's own base is not counted.
 */
export function meter(stream: MessageStream, counter: ByteCounter): void {
  const metered = stream as unknown as Metered
  const { onData, sendData } = metered
  if (onData === undefined || sendData === undefined) {
    return
  }
  metered.onData = (data) => {
    counter.in(data.byteLength)
    onData.call(stream, data)
  }
  metered.sendData = (data) => {
    const { byteLength } = data
    const sent = sendData.call(stream, data)
    counter.out(sentBytes(sent, byteLength))
    return sent
  }
}

/**
 * Sums the streams of one connection, those that are open when it is looked at. All that comes is a sign of life; of what
 * leaves only what waits for the other end is: probes and gossip fit into buffers, also where nobody is.
 */
export class ConnectionMeter {
  readonly #carriesData: (protocol: string | undefined) => boolean
  readonly #seen = new WeakSet<Stream>()
  bytesIn = 0
  bytesOut = 0

  constructor(carriesData: (protocol: string | undefined) => boolean) {
    this.#carriesData = carriesData
  }

  look({ streams }: Pick<Connection, 'streams'>): void {
    for (const stream of streams) {
      if (!this.#seen.has(stream)) {
        this.#seen.add(stream)
        meter(stream, {
          in: (bytes) => {
            this.bytesIn += bytes
          },
          out: (bytes) => {
            this.bytesOut += this.#carriesData(stream.protocol) ? bytes : 0
          }
        })
      }
    }
  }
}

/** A stream whose window is full takes less than it is given, and is given the rest again. */
function sentBytes(result: unknown, offered: number): number {
  const sent = (result as { readonly sentBytes?: unknown } | undefined)?.sentBytes
  return typeof sent === 'number' ? sent : offered
}

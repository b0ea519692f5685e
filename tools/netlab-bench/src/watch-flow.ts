import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannels, BulkSink } from '@p2pshare/interface'
import { Flow } from './flow.ts'
import type { Way } from './flow.ts'
import { wallMs } from './wall-clock.ts'

/** New streams are looked for so often; the loop's own delays are measured by it too. */
const LOOK_MS = 10
/** A turn of the event loop that took this much longer than it should is told: no gap of the network. */
const STALL_MS = 30

/** What came from a peer on streams of the transfer, from now on. */
export interface WatchedFlow extends Disposable {
  readonly flow: Flow
  /** Times at which this process itself did not run, and for how long. */
  readonly stalls: ReadonlyArray<{ readonly atMs: number; readonly ms: number }>
}

/** Begin to watch. */
export function watchFlow(libp2p: Libp2p, peer: PeerId): WatchedFlow {
  const flow = new Flow()
  const stalls: Array<{ atMs: number; ms: number }> = []
  const seen = new WeakSet<Stream>()
  let lookedMs = wallMs()
  const look = (): void => {
    const now = wallMs()
    if (now - lookedMs > LOOK_MS + STALL_MS) {
      stalls.push({ atMs: lookedMs, ms: now - lookedMs })
    }
    lookedMs = now
    for (const connection of libp2p.getConnections(peer)) {
      for (const stream of connection.streams) {
        if (!seen.has(stream) && stream.protocol.includes('/transfer')) {
          seen.add(stream)
          const way = wayOf(connection)
          onBytes(stream, (bytes) => {
            flow.took(way, bytes, wallMs())
          })
        }
      }
    }
  }
  onChannelBytes(libp2p, (bytes) => {
    flow.took('direct', bytes, wallMs())
  })
  const timer = setInterval(look, LOOK_MS)
  return {
    flow,
    stalls,
    [Symbol.dispose]: () => {
      clearInterval(timer)
    }
  }
}

/** Beside those who listen: a listener of its own would take what comes before they do. */
function onBytes(stream: Stream, took: (bytes: number) => void): void {
  const inner = stream as Stream & { onData(data: { readonly byteLength: number }): void }
  const onData = inner.onData.bind(inner)
  inner.onData = (data) => {
    took(data.byteLength)
    onData(data)
  }
}

/** Channels are of direct connections alone. What comes by those that are opened from now on. */
function onChannelBytes(libp2p: Libp2p, took: (bytes: number) => void): void {
  const { components } = libp2p as unknown as {
    readonly components: { readonly transportManager: { getTransports(): readonly object[] } }
  }
  const counting = (sink: BulkSink): BulkSink => ({
    buffer: () => sink.buffer(),
    filled: (bytes) => {
      took(bytes)
      return sink.filled(bytes)
    }
  })
  for (const transport of components.transportManager.getTransports()) {
    const { [bulkChannelsSymbol]: channels } = transport as { readonly [bulkChannelsSymbol]?: BulkChannels }
    if (channels !== undefined) {
      const open = channels.open.bind(channels)
      const invite = channels.invite.bind(channels)
      channels.open = async (address, peer, token, options) =>
        open(address, peer, token, { ...options, sink: counting(options.sink) })
      channels.invite = (peer, options) => invite(peer, { ...options, sink: counting(options.sink) })
    }
  }
}

/** Whether a connection goes through a third node. */
export function wayOf({ limits, remoteAddr }: Connection): Way {
  return limits !== undefined || remoteAddr.toString().includes('/p2p-circuit') ? 'relay' : 'direct'
}

import type { Libp2p, MessageStreamDirection, PeerId, StreamMiddleware } from '@libp2p/interface'
import { checkPlan } from './plan.ts'
import type { FaultPlan } from './plan.ts'
import { faultyStream } from './stream.ts'

/** A stream whose protocol was just negotiated. */
export interface StreamInfo {
  readonly direction: MessageStreamDirection
  readonly remotePeer: PeerId
  /** How many streams of the protocol this node opened or took before, since `faultyProtocol` was called. */
  readonly index: number
}

/** One plan for all streams of a protocol, or a choice for each; `undefined` leaves it alone. */
export type StreamPlan = FaultPlan | ((info: StreamInfo) => FaultPlan | undefined)

/**
 * A list of two middlewares that libp2p 3.3 can use for many streams. Its connection appends the protocol's handler to
 * the very list that was registered, for each inbound stream again: plain lists run the handler twice on the second
 * one, and on outbound streams too. Here the appended handler replaces the one before and runs for inbound streams
 * only.
 */
function reusable(first: StreamMiddleware): StreamMiddleware[] {
  let handler: StreamMiddleware | undefined
  const second: StreamMiddleware = async (stream, connection, next) => {
    if (handler === undefined || stream.direction === 'outbound') {
      next(stream, connection)
    } else {
      await handler(stream, connection, next)
    }
  }
  const list: StreamMiddleware[] = [first, second]
  list.push = (appended: StreamMiddleware) => {
    handler = appended
    return list.length
  }
  return list
}

/**
 * From now on `node` runs `protocol` with faults in the way of each stream, whichever end opens it. It takes the place
 * of the protocol's stream middleware; `node.unuse(protocol)` ends it. Offsets count from the first byte behind
 * protocol negotiation.
 */
export function faultyProtocol(node: Libp2p, protocol: string, plan: StreamPlan): void {
  if (typeof plan !== 'function') {
    checkPlan(plan)
  }
  let count = 0
  node.use(
    protocol,
    reusable((stream, connection, next) => {
      const { direction } = stream
      const info = { direction, remotePeer: connection.remotePeer, index: count++ }
      const chosen = typeof plan === 'function' ? plan(info) : plan
      next(chosen === undefined ? stream : faultyStream(stream, chosen), connection)
    })
  )
}

import type { Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { replaceField, readField, readNumber, readVarint, writeVarint } from './message-fields.ts'
import { wrapHops } from './wrap-hops.ts'

/** Field numbers of circuit relay v2: `HopMessage.limit`, `StopMessage.limit`, `Limit.duration`. */
export const HOP_LIMIT_FIELD = 4
export const STOP_LIMIT_FIELD = 3
const DURATION_FIELD = 1

/**
 * libp2p's relay server writes the milliseconds that it cuts circuits by into a field that is in seconds: what it says to who
 * asks, and to who is asked for, its first message on each stream, is put right on its way out.
 */
export function sayLimitInSeconds(stream: Stream, field: number): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    stream.send = send
    return send(inSeconds(data instanceof Uint8Array ? data : data.subarray(), field))
  }
}

/** A registrar whose handler for circuits answers so. */
export function answersInSeconds(registrar: Registrar): Registrar {
  return wrapHops(registrar, (handler) => async (stream, connection) => {
    sayLimitInSeconds(stream, HOP_LIMIT_FIELD)
    await handler(stream, connection)
  })
}

/** A length-prefixed message whose limit, in that field, is in seconds; as it was where there is none. Pure. */
export function inSeconds(bytes: Uint8Array, field: number): Uint8Array {
  const [length, start] = readVarint(bytes, 0)
  const message = bytes.subarray(start, start + length)
  const limit = readField(message, field)
  const durationMs = limit === undefined ? undefined : readNumber(limit, DURATION_FIELD)
  if (limit === undefined || durationMs === undefined) {
    return bytes
  }
  // 0 would be no bound
  const seconds = Math.ceil(durationMs / 1000)
  const changed = replaceField(message, field, replaceField(limit, DURATION_FIELD, seconds))
  return Uint8Array.from([...writeVarint(changed.length), ...changed])
}

import type { ConnectionLimits, Stream } from '@libp2p/interface'
import { MAX_STATUS_BYTES } from './constants.ts'
import { CircuitRefusedError } from './errors.ts'
import { readField, readNumber, readVarint } from './message-fields.ts'

/** Bytes as libp2p's streams pass them on. */
interface Chunk {
  readonly byteLength: number
  subarray(from?: number, to?: number): Uint8Array
}

/** The two methods of libp2p's message streams that every byte goes through, once. */
interface Hooks {
  send?: (data: Chunk) => unknown
  onData?: (data: Chunk) => void
}

/** A circuit that is used before its relay has agreed to it. */
export interface AheadCircuit {
  /** What the relay allows: empty until it said so, and where it sets no bound. */
  readonly limits: ConnectionLimits
  readonly refusal: CircuitRefusedError | undefined
}

/** `HopMessage` of circuit relay v2: `type`, `limit`, `status`; of `Limit`: `duration`, `data`. */
const FIELD = { type: 1, limit: 4, status: 5, duration: 1, data: 2 } as const
const CONNECT = 1
const OK = 100
/** A `HopMessage` with its length before it: a STATUS that says OK. */
const AGREED = Uint8Array.of(4, 0x08, 2, 0x28, OK)

const circuits = new WeakMap<object, AheadCircuit>()

/** The circuit on a stream, if it is used ahead. */
export function aheadCircuit(stream: object): AheadCircuit | undefined {
  return circuits.get(stream)
}

/**
 * Let who asks for a circuit on this stream go on at once, instead of a round trip later: what it says to the other end waits
 * at the relay until that one has answered. So is it given the relay's yes when it asks, and what the relay says is held
 * against it: anything but a yes aborts the stream. A stream on which something else is asked for is left as it is.
 */
export function connectAhead(stream: Stream): void {
  const hooks = stream as unknown as Hooks
  const { send, onData } = hooks
  if (send === undefined || onData === undefined) {
    return
  }
  const circuit: { limits: { bytes?: bigint; seconds?: number }; refusal: CircuitRefusedError | undefined } = {
    limits: {},
    refusal: undefined
  }
  let state: 'fresh' | 'asked' | 'done' = 'fresh'
  let heard = new Uint8Array(0)
  const refuse = (status: number): void => {
    state = 'done'
    circuit.refusal = new CircuitRefusedError(status)
    stream.abort(circuit.refusal)
  }
  hooks.send = (data) => {
    const asks = state === 'fresh' && isConnect(data.subarray())
    const sent = send.call(stream, data)
    if (asks) {
      state = 'asked'
      circuits.set(stream, circuit)
      // its writer reads only after this
      queueMicrotask(() => {
        onData.call(stream, AGREED)
      })
    }
    return sent
  }
  hooks.onData = (data) => {
    if (state !== 'asked') {
      onData.call(stream, data)
      return
    }
    heard = Buffer.concat([heard, data.subarray()])
    const [length, start] = readVarint(heard, 0)
    if (length > MAX_STATUS_BYTES) {
      refuse(0)
      return
    }
    if (heard.length < start + length) {
      return // the rest is on its way
    }
    const message = heard.subarray(start, start + length)
    const status = readNumber(message, FIELD.status)
    if (status !== OK) {
      refuse(status ?? 0)
      return
    }
    state = 'done'
    Object.assign(circuit.limits, limitsIn(readField(message, FIELD.limit)))
    if (heard.length > start + length) {
      onData.call(stream, heard.subarray(start + length))
    }
  }
}

function isConnect(bytes: Uint8Array): boolean {
  const [length, start] = readVarint(bytes, 0)
  return bytes.length === start + length && readNumber(bytes.subarray(start), FIELD.type) === CONNECT
}

/** 0 is no bound. */
function limitsIn(limit: Uint8Array | undefined): { bytes?: bigint; seconds?: number } {
  const [seconds = 0, bytes = 0] =
    limit === undefined ? [] : [readNumber(limit, FIELD.duration), readNumber(limit, FIELD.data)]
  return { ...(bytes === 0 ? {} : { bytes: BigInt(bytes) }), ...(seconds === 0 ? {} : { seconds }) }
}

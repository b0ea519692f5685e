import type { Stream } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'

/** Protobuf: the low three bits of a tag say how long the value is. */
const WIRE_VARINT = 0
const WIRE_BYTES = 2

/** Field numbers of circuit relay v2: `StopMessage.peer`, `Peer.id`. */
const PEER_FIELD = 2
const ID_FIELD = 1

/**
 * Say who asks for a circuit: a relay's first message on the stream to the target carries the peer id. It is our own
 * message, from libp2p's encoder; one that cannot be read leaves the circuit uncounted.
 */
export function peekSource(stream: Stream, found: (source: string) => void): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    stream.send = send
    const source = readSource(data instanceof Uint8Array ? data : data.subarray())
    if (source !== undefined) {
      found(source)
    }
    return send(data)
  }
}

/** The peer id in a length-prefixed `StopMessage`. */
export function readSource(bytes: Uint8Array): string | undefined {
  try {
    const [length, start] = readVarint(bytes, 0)
    const peer = readField(bytes.subarray(start, start + length), PEER_FIELD)
    const id = peer === undefined ? undefined : readField(peer, ID_FIELD)
    return id === undefined ? undefined : peerIdFromMultihash(Digest.decode(id)).toString()
  } catch {
    return undefined
  }
}

function readField(message: Uint8Array, wanted: number): Uint8Array | undefined {
  let at = 0
  while (at < message.length) {
    const [tag, value] = readVarint(message, at)
    const wire = tag % 8
    if (wire !== WIRE_VARINT && wire !== WIRE_BYTES) {
      return undefined // this protocol has no other
    }
    const [length, start] = readVarint(message, value)
    if (wire === WIRE_BYTES && Math.floor(tag / 8) === wanted) {
      return message.subarray(start, start + length)
    }
    at = wire === WIRE_VARINT ? start : start + length
  }
  return undefined
}

/** The value and where it ends; lengths here fit into 28 bits. */
function readVarint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[at + index] ?? 0
    value += (byte % 128) * 128 ** index
    if (byte < 128) {
      return [value, at + index + 1]
    }
  }
  return [0, bytes.length]
}

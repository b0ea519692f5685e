import type { Stream } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { readField, readVarint } from './message-fields.ts'

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

import { InvalidMessageError } from '@p2pshare/interface'
import { KadMessage } from './messages.ts'
import { MAX_MESSAGE_BYTES, MAX_PEERS, MAX_PEER_ADDRESSES } from './limits.ts'

/** Throws `InvalidMessageError` for what is too large, has too many elements or is no message. */
export function decodeKadMessage(bytes: Uint8Array): KadMessage {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw new InvalidMessageError(`kad: ${bytes.byteLength} bytes, at most ${MAX_MESSAGE_BYTES}`)
  }
  try {
    return KadMessage.decode(bytes, {
      limits: {
        closer: MAX_PEERS,
        closer$: { multiaddrs: MAX_PEER_ADDRESSES },
        providers: MAX_PEERS,
        providers$: { multiaddrs: MAX_PEER_ADDRESSES }
      }
    })
  } catch (cause) {
    throw new InvalidMessageError('kad: cannot be decoded', { cause })
  }
}

/** As the Kademlia specification says. */
export function encodeKadMessage(message: KadMessage): Uint8Array {
  return KadMessage.encode(message)
}

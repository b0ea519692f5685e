import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { SignedMessage } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import type { PeerId, PrivateKey, PublicKey } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import type { Answer, Relayed } from '../wire/topics.ts'
import { SEQNO_BYTES } from './constants.ts'

/** What stands before the bytes that are signed, so that no signature is good for anything else. */
const PUBSUB_DOMAIN = new TextEncoder().encode('libp2p-pubsub:')
const ANSWER_DOMAIN = new TextEncoder().encode('p2pshare-answer:1:')

/** A gossipsub message as its author signed it, to be handed on to somebody who was not there when it was said. */
export function toRelayed(message: SignedMessage, ageMs: number): Relayed {
  const { from, sequenceNumber, data, signature, key } = message
  const seqno = new Uint8Array(SEQNO_BYTES)
  new DataView(seqno.buffer).setBigUint64(0, sequenceNumber)
  return {
    from: bytesOf(from),
    seqno,
    data: Uint8Array.from(data),
    signature: Uint8Array.from(signature),
    key: keyFor(from, key),
    ageMs: Math.max(0, Math.round(ageMs))
  }
}

/** Who a relayed message or an answer says it is from; `undefined`: nobody. */
export function authorOf({ from }: Pick<Relayed, 'from'>): PeerId | undefined {
  try {
    return peerIdFromMultihash(Digest.decode(from))
  } catch {
    return undefined
  }
}

/** Where it stands among the messages of its author. */
export function sequenceOf({ seqno }: Pick<Relayed, 'seqno'>): bigint {
  return new DataView(seqno.buffer, seqno.byteOffset, SEQNO_BYTES).getBigUint64(0)
}

/** The message in `topic` that its author signed; `undefined`: it did not. */
export async function verifyRelayed(topic: string, relayed: Relayed, from: PeerId): Promise<SignedMessage | undefined> {
  const { data, seqno, signature } = relayed
  const signed = RPC.Message.encode({ from: relayed.from, data, seqno, topic })
  const key = await verifiedKey(from, relayed.key, [PUBSUB_DOMAIN, signed], signature)
  return key && { type: 'signed', from, topic, data, sequenceNumber: sequenceOf(relayed), signature, key }
}

/** An answer to the question with this id, signed by this node. */
export async function signAnswer(
  { peerId, privateKey }: { readonly peerId: PeerId; readonly privateKey: PrivateKey },
  question: Uint8Array,
  payload: Uint8Array
): Promise<Answer> {
  const bytes = Buffer.concat([ANSWER_DOMAIN, question, payload])
  return {
    question: Uint8Array.from(question),
    from: bytesOf(peerId),
    payload: Uint8Array.from(payload),
    signature: Uint8Array.from(await privateKey.sign(bytes)),
    key: keyFor(peerId, privateKey.publicKey)
  }
}

/** Who gave this answer; `undefined`: nobody that can be told. */
export async function verifyAnswer({
  question,
  payload,
  signature,
  key,
  ...answer
}: Answer): Promise<PeerId | undefined> {
  const from = authorOf(answer)
  const verified = from && (await verifiedKey(from, key, [ANSWER_DOMAIN, question, payload], signature))
  return verified && from
}

function bytesOf(peer: PeerId): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(peer.toMultihash().bytes)
}

/** Nothing if the id contains the key, as those of Ed25519 do. */
function keyFor(peer: PeerId, key: PublicKey): Uint8Array<ArrayBuffer> {
  return peer.publicKey === undefined ? Uint8Array.from(publicKeyToProtobuf(key)) : new Uint8Array()
}

async function verifiedKey(
  from: PeerId,
  key: Uint8Array,
  signed: readonly Uint8Array[],
  signature: Uint8Array
): Promise<PublicKey | undefined> {
  try {
    const publicKey = from.publicKey ?? publicKeyFromProtobuf(key)
    if (!from.equals(publicKey.toMultihash().bytes)) {
      return undefined
    }
    return (await publicKey.verify(Buffer.concat(signed), signature)) ? publicKey : undefined
  } catch {
    return undefined // a key or signature of the wrong shape
  }
}

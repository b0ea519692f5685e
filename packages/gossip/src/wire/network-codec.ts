import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import {
  MAX_ADDRESSES,
  MAX_ANSWERS,
  MAX_DEADLINE_MS,
  MAX_NAME_BYTES,
  MAX_NETWORK_MESSAGE_BYTES,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_TOPIC_BYTES,
  MAX_ROOT_BYTES,
  MAX_SHARE_BYTES,
  MIN_DEADLINE_MS,
  QUESTION_ID_BYTES
} from '../topics/constants.ts'
import { decodeAddresses, encodeAddresses } from './addresses.ts'
import { NetworkMessage } from './topics.ts'
import type { Announcement, Question } from './topics.ts'

/** The signer shares something. */
export interface AnnouncementMessage {
  readonly type: 'announcement'
  readonly root: CID
  readonly name?: string
  readonly bytes?: number
  readonly multiaddrs: readonly Multiaddr[]
}

/** The signer asks everybody. */
export interface QuestionMessage {
  readonly type: 'question'
  readonly id: Uint8Array
  readonly topic: string
  readonly payload: Uint8Array
  readonly deadlineMs: number
  readonly maxAnswers: number
}

const utf8 = new TextEncoder()

/** The data of a message in the network topic; the caller keeps to the limits. */
export function encodeNetworkMessage(message: AnnouncementMessage | QuestionMessage): Uint8Array {
  if (message.type === 'announcement') {
    const { root, name = '', bytes = 0, multiaddrs } = message
    return NetworkMessage.encode({
      announcement: {
        root: Uint8Array.from(root.bytes),
        name,
        bytes: BigInt(bytes),
        addresses: encodeAddresses(multiaddrs)
      }
    })
  }
  const { id, topic, payload, deadlineMs, maxAnswers } = message
  return NetworkMessage.encode({
    question: { id: Uint8Array.from(id), topic, payload: Uint8Array.from(payload), deadlineMs, maxAnswers }
  })
}

/** Throws `InvalidMessageError` for everything that no honest node sends. */
export function decodeNetworkMessage(bytes: Uint8Array, sender: PeerId): AnnouncementMessage | QuestionMessage {
  if (bytes.byteLength > MAX_NETWORK_MESSAGE_BYTES) {
    throw new InvalidMessageError(`network message: ${bytes.byteLength} bytes, at most ${MAX_NETWORK_MESSAGE_BYTES}`)
  }
  const { announcement, question } = decode(bytes)
  if (announcement !== undefined && question === undefined) {
    return toAnnouncement(announcement, sender)
  }
  if (question !== undefined && announcement === undefined) {
    return toQuestion(question)
  }
  throw new InvalidMessageError('network message: neither an announcement nor a question')
}

/** Whether a share may be announced under this name: it is shown by others as it is. */
export function isAnnounceableName(name: string): boolean {
  return utf8.encode(name).byteLength <= MAX_NAME_BYTES && !/\p{Cc}/u.test(name)
}

function decode(bytes: Uint8Array): NetworkMessage {
  try {
    return NetworkMessage.decode(bytes, { limits: { announcement: { addresses: MAX_ADDRESSES } } })
  } catch (cause) {
    throw new InvalidMessageError('network message: cannot be decoded', { cause })
  }
}

function toAnnouncement({ root, name, bytes, addresses }: Announcement, sender: PeerId): AnnouncementMessage {
  if (root.byteLength > MAX_ROOT_BYTES || !isAnnounceableName(name) || bytes > BigInt(MAX_SHARE_BYTES)) {
    throw new InvalidMessageError('announcement: root, name or size out of bounds')
  }
  return {
    type: 'announcement',
    root: toRoot(root),
    multiaddrs: decodeAddresses(addresses, sender),
    ...(name === '' ? {} : { name }),
    ...(bytes === 0n ? {} : { bytes: Number(bytes) })
  }
}

function toRoot(bytes: Uint8Array): CID {
  try {
    return CID.decode(bytes)
  } catch (cause) {
    throw new InvalidMessageError('announcement.root: not a CID', { cause })
  }
}

function toQuestion({ id, topic, payload, deadlineMs, maxAnswers }: Question): QuestionMessage {
  const isInBounds =
    id.byteLength === QUESTION_ID_BYTES &&
    isQuestionTopic(topic) &&
    payload.byteLength <= MAX_QUESTION_BYTES &&
    deadlineMs >= MIN_DEADLINE_MS &&
    deadlineMs <= MAX_DEADLINE_MS &&
    maxAnswers >= 1 &&
    maxAnswers <= MAX_ANSWERS
  if (!isInBounds) {
    throw new InvalidMessageError('question: out of bounds')
  }
  return { type: 'question', id, topic, payload, deadlineMs, maxAnswers }
}

/** Whether questions can be asked under this name. */
export function isQuestionTopic(topic: string): boolean {
  const { byteLength } = utf8.encode(topic)
  return byteLength > 0 && byteLength <= MAX_QUESTION_TOPIC_BYTES
}

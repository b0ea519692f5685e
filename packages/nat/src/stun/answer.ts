import type { DatagramAddress } from '@p2pshare/interface'
import { ATTRIBUTES, decodeStun, encodeStunWithin } from './codec.ts'
import { HEADER_BYTES } from './constants.ts'
import type { ReceivedStunMessage, StunMessage } from './message.ts'

/** One of the up to four sockets of a server: bit 0 is the other port, bit 1 the other host. */
export type SocketIndex = 0 | 1 | 2 | 3

/** The addresses of a server's sockets as they are known outside; a host may be unspecified, which means "as asked". */
export type ServerAddresses = Readonly<Partial<Record<SocketIndex, DatagramAddress>>>

/** A question as it came in. */
export interface StunQuestion {
  readonly bytes: Uint8Array
  readonly from: DatagramAddress
  /** The socket it came in on. */
  readonly at: SocketIndex
}

/** What goes back to where the question came from, and to nobody else. */
export interface StunReply {
  readonly via: SocketIndex
  readonly bytes: Uint8Array
}

/** Options of the answer. */
export interface AnswerRules {
  /** Answer questions that leave no room with the address alone, in a datagram bigger than theirs. */
  readonly answerShortQuestions: boolean
}

/** XOR-MAPPED-ADDRESS with an IPv4 or IPv6 address. */
const MAPPED_BYTES = { 4: 12, 16: 24 } as const

/**
 * The answer to a datagram that is STUN, or nothing: for what is no question, and where no answer fits within the bytes of
 * the question, so that nobody can be flooded through this server with more than it costs. Pure. Throws
 * `InvalidMessageError`.
 */
export function answerStun(
  { bytes, from, at }: StunQuestion,
  addresses: ServerAddresses,
  { answerShortQuestions }: AnswerRules
): StunReply | undefined {
  const question = decodeStun(bytes)
  if (question.class !== 'request') {
    return undefined
  }
  const { change = { ip: false, port: false } } = question
  const via = (at ^ (change.port ? 1 : 0) ^ (change.ip ? 2 : 0)) as SocketIndex
  const possible = via === at || addresses[via] !== undefined
  const answer = answerTo(question, from, possible ? { at, via } : undefined, addresses)
  const least = from.host.includes(':') ? MAPPED_BYTES[16] : MAPPED_BYTES[4]
  const room = answerShortQuestions ? Math.max(bytes.byteLength, HEADER_BYTES + least) : bytes.byteLength
  const reply = encodeStunWithin(answer, room)
  return reply === undefined ? undefined : { via: possible ? via : at, bytes: reply }
}

function answerTo(
  { transactionId, notUnderstood }: ReceivedStunMessage,
  from: DatagramAddress,
  path: { readonly at: SocketIndex; readonly via: SocketIndex } | undefined,
  addresses: ServerAddresses
): StunMessage {
  const unknown = path === undefined ? [...notUnderstood, ATTRIBUTES.changeRequest] : notUnderstood
  if (path === undefined || unknown.length > 0) {
    return { class: 'error', transactionId, failure: { code: 420, reason: '' }, unknown }
  }
  const { at, via } = path
  const origin = specified(addresses[via])
  const other = otherOf(at, addresses)
  return {
    class: 'success',
    transactionId,
    mapped: from,
    ...(other === undefined ? {} : { other }),
    ...(origin === undefined ? {} : { origin })
  }
}

/** Seen from the socket that was asked: both changed if it can be, else the port, else the host. */
function otherOf(at: SocketIndex, addresses: ServerAddresses): DatagramAddress | undefined {
  const [both, port, host] = [at ^ 3, at ^ 1, at ^ 2] as [SocketIndex, SocketIndex, SocketIndex]
  return addresses[both] ?? addresses[port] ?? addresses[host]
}

function specified(address: DatagramAddress | undefined): DatagramAddress | undefined {
  return address === undefined || isUnspecified(address.host) ? undefined : address
}

/** Whether a host is a wildcard, which says nothing of where it can be reached. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

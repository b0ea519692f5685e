import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { TRANSACTION_ID_BYTES } from '../../stun/constants.ts'
import { ipFromBytes, ipToBytes } from '../../stun/ip.ts'
import { MAX_ENDPOINTS, MAX_INFO_BYTES } from '../constants.ts'
import { Observed, StunEndpoint, StunInfo, StunQuery } from './messages.ts'

/** What a node sees of a connection, and its clock. */
export interface ObservedMessage {
  readonly address: Multiaddr
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number
}

/** What is asked of a node that answers STUN. */
export interface StunQueryMessage {
  /** Send one datagram with this id to this port of the address that the connection comes from. */
  readonly knock?: { readonly port: number; readonly transactionId: Uint8Array }
}

/** Where a node answers STUN for one address family; the host is the one it is reached at. */
export interface StunEndpointMessage {
  readonly family: 4 | 6
  readonly port: number
  readonly otherPort?: number
  readonly otherHost?: string
}

/** The answer to a `StunQueryMessage`. */
export interface StunInfoMessage {
  readonly endpoints: readonly StunEndpointMessage[]
  readonly knocked: boolean
}

/** One message of `/p2pshare/observed/1.0.0`. */
export function encodeObserved({ address, timeMs }: ObservedMessage): Uint8Array {
  return Observed.encode({ address: Uint8Array.from(address.bytes), time: BigInt(Math.max(0, Math.trunc(timeMs))) })
}

/** Throws `InvalidMessageError`. */
export function decodeObserved(bytes: Uint8Array): ObservedMessage {
  const { address, time } = decode('observed', bytes, (checked) => Observed.decode(checked))
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new InvalidMessageError('observed.time: beyond all times')
  }
  if (address === undefined) {
    throw new InvalidMessageError('observed.address: missing')
  }
  try {
    return { address: multiaddr(address), timeMs: Number(time) }
  } catch (cause) {
    throw new InvalidMessageError('observed.address: no multiaddr', { cause })
  }
}

/** The question of `/p2pshare/stun/1.0.0`. */
export function encodeStunQuery({ knock }: StunQueryMessage): Uint8Array {
  return StunQuery.encode(
    knock === undefined ? {} : { port: knock.port, transaction: Uint8Array.from(knock.transactionId) }
  )
}

/** Throws `InvalidMessageError`. */
export function decodeStunQuery(bytes: Uint8Array): StunQueryMessage {
  const { port, transaction } = decode('stun query', bytes, (checked) => StunQuery.decode(checked))
  if (port === undefined && transaction === undefined) {
    return {}
  }
  if (transaction?.byteLength !== TRANSACTION_ID_BYTES) {
    throw new InvalidMessageError(`stun query.transaction: not ${TRANSACTION_ID_BYTES} bytes`)
  }
  return { knock: { port: checkPort('stun query.port', port), transactionId: transaction } }
}

/** The answer to it; endpoints beyond `MAX_ENDPOINTS` stay out. */
export function encodeStunInfo({ endpoints, knocked }: StunInfoMessage): Uint8Array {
  return StunInfo.encode({
    knocked,
    endpoints: endpoints.slice(0, MAX_ENDPOINTS).map(({ family, port, otherPort, otherHost }) => ({
      family: family === 4 ? StunEndpoint.Family.IP4 : StunEndpoint.Family.IP6,
      port,
      ...(otherPort === undefined ? {} : { otherPort }),
      ...(otherHost === undefined ? {} : { otherHost: Uint8Array.from(ipToBytes(otherHost)) })
    }))
  })
}

/** Throws `InvalidMessageError`. */
export function decodeStunInfo(bytes: Uint8Array): StunInfoMessage {
  const { endpoints, knocked } = decode('stun info', bytes, (checked) =>
    StunInfo.decode(checked, { limits: { endpoints: MAX_ENDPOINTS } })
  )
  return { endpoints: endpoints.map(toEndpoint), knocked }
}

function toEndpoint({ family, port, otherPort, otherHost }: StunEndpoint): StunEndpointMessage {
  if (family === StunEndpoint.Family.UNSPECIFIED) {
    throw new InvalidMessageError('stun info.family: unspecified')
  }
  const bytes = family === StunEndpoint.Family.IP4 ? 4 : 16
  if (otherHost !== undefined && otherHost.byteLength !== bytes) {
    throw new InvalidMessageError(`stun info.otherHost: not ${bytes} bytes`)
  }
  return {
    family: family === StunEndpoint.Family.IP4 ? 4 : 6,
    port: checkPort('stun info.port', port),
    ...(otherPort === undefined ? {} : { otherPort: checkPort('stun info.otherPort', otherPort) }),
    ...(otherHost === undefined ? {} : { otherHost: ipFromBytes(otherHost) })
  }
}

function checkPort(what: string, port: number | undefined): number {
  if (port === undefined || port < 1 || port > 65_535) {
    throw new InvalidMessageError(`${what}: ${port} is no port`)
  }
  return port
}

function decode<T>(what: string, bytes: Uint8Array, read: (bytes: Uint8Array) => T): T {
  if (bytes.byteLength > MAX_INFO_BYTES) {
    throw new InvalidMessageError(`${what}: ${bytes.byteLength} bytes, at most ${MAX_INFO_BYTES}`)
  }
  try {
    return read(bytes)
  } catch (cause) {
    throw new InvalidMessageError(`${what}: cannot be decoded`, { cause })
  }
}

import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_PCP_BYTES } from '../constants.ts'
import type { MapProtocol } from '../types.ts'
import { ipFromBytes, ipToBytes } from './ip.ts'

// RFC 6887: all numbers big-endian, times in seconds
const VERSION = 2
const RESPONSE = 0x80
const HEADER_BYTES = 24
const MAP_BYTES = 36
const NONCE_BYTES = 12

const OPCODE = { announce: 0, map: 1 } as const
const IANA_PROTOCOL: Readonly<Record<MapProtocol, number>> = { tcp: 6, udp: 17 }

/** Result 0. */
export const PCP_SUCCESS = 0

const RESULTS = [
  'success',
  'unsupported version',
  'not authorized',
  'malformed request',
  'unsupported opcode',
  'unsupported option',
  'malformed option',
  'network failure',
  'no resources',
  'unsupported protocol',
  'quota exceeded',
  'cannot provide the outside address',
  'the client address is not the one the gateway sees',
  'too many remote peers'
] as const

/** A PCP result in words. */
export function pcpResult(result: number): string {
  return RESULTS[result] ?? 'unknown result'
}

/** The question for one mapping (RFC 6887 section 11); `lifetimeSeconds` 0 removes it. */
export interface PcpMapRequest {
  /** The address the gateway sees this node at; it refuses another (a NAT in between). */
  readonly clientIp: string
  readonly nonce: Uint8Array
  readonly protocol: MapProtocol
  readonly internalPort: number
  /** 0: none. */
  readonly suggestedPort: number
  /** `0.0.0.0`: none. */
  readonly suggestedIp: string
  readonly lifetimeSeconds: number
}

/** Any answer of a PCP server. `map` is there for answers to MAP, also to refused ones. */
export interface PcpResponse {
  readonly opcode: number
  readonly result: number
  readonly lifetimeSeconds: number
  readonly epochSeconds: number
  readonly map?: {
    readonly nonce: Uint8Array
    readonly protocol: number
    readonly internalPort: number
    readonly externalPort: number
    readonly externalIp: string
  }
}

/** "Are you there, and since when": changes nothing (RFC 6887 section 14.1). */
export function encodePcpAnnounce(clientIp: string): Uint8Array {
  return header(OPCODE.announce, 0, clientIp, HEADER_BYTES)
}

/** Throws `InvalidMessageError` for addresses that are none. */
export function encodePcpMap(request: PcpMapRequest): Uint8Array {
  const bytes = header(OPCODE.map, request.lifetimeSeconds, request.clientIp, HEADER_BYTES + MAP_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(request.nonce.subarray(0, NONCE_BYTES), HEADER_BYTES)
  view.setUint8(36, IANA_PROTOCOL[request.protocol])
  view.setUint16(40, request.internalPort)
  view.setUint16(42, request.suggestedPort)
  bytes.set(ipToBytes(request.suggestedIp), 44)
  return bytes
}

/**
 * What a PCP server answered. Options after the part of the opcode are not looked at: this node asks for none.
 *
 * @throws InvalidMessageError for what is no PCP answer, and for a NAT-PMP server's "unsupported version"
 */
export function decodePcpResponse(bytes: Uint8Array): PcpResponse {
  if (bytes.byteLength < HEADER_BYTES || bytes.byteLength > MAX_PCP_BYTES || bytes.byteLength % 4 !== 0) {
    throw new InvalidMessageError(`PCP: ${bytes.byteLength} bytes`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const code = view.getUint8(1)
  if (view.getUint8(0) !== VERSION || (code & RESPONSE) === 0) {
    throw new InvalidMessageError('PCP: not an answer of version 2')
  }
  const answer = {
    opcode: code & ~RESPONSE,
    result: view.getUint8(3),
    lifetimeSeconds: view.getUint32(4),
    epochSeconds: view.getUint32(8)
  }
  if (answer.opcode !== OPCODE.map || bytes.byteLength < HEADER_BYTES + MAP_BYTES) {
    if (answer.opcode === OPCODE.map && answer.result === PCP_SUCCESS) {
      throw new InvalidMessageError(`PCP: a mapping of ${bytes.byteLength} bytes`)
    }
    return answer
  }
  return {
    ...answer,
    map: {
      nonce: bytes.slice(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
      protocol: view.getUint8(36),
      internalPort: view.getUint16(40),
      externalPort: view.getUint16(42),
      externalIp: ipFromBytes(bytes, 44)
    }
  }
}

/** Whether `response` is about the mapping that `request` asks for; also for refusals, which repeat the question. */
export function answersPcpMap({ opcode, result, map }: PcpResponse, request: PcpMapRequest): boolean {
  if (opcode !== OPCODE.map) {
    return false
  }
  if (map === undefined) {
    return result !== PCP_SUCCESS
  }
  return (
    map.internalPort === request.internalPort &&
    map.protocol === IANA_PROTOCOL[request.protocol] &&
    map.nonce.every((byte, index) => byte === request.nonce[index])
  )
}

function header(opcode: number, lifetimeSeconds: number, clientIp: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint8(1, opcode)
  view.setUint32(4, lifetimeSeconds)
  bytes.set(ipToBytes(clientIp), 8)
  return bytes
}

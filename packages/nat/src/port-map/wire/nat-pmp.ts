import { InvalidMessageError } from '@p2pshare/interface'
import type { MapProtocol } from '../types.ts'
import { ipv4FromBytes } from './ip.ts'

// RFC 6886: all numbers big-endian, times in seconds. `@achingbrain/nat-port-mapper` has this protocol too, but writes
// milliseconds where seconds belong, repeats no lost question and tells nothing of the epoch.
const VERSION = 0
const RESPONSE = 0x80
const ADDRESS_BYTES = 12
const MAP_BYTES = 16
const OPCODE: Readonly<Record<MapProtocol | 'address', number>> = { address: 0, udp: 1, tcp: 2 }

/** Result 0. */
export const NAT_PMP_SUCCESS = 0

const RESULTS = [
  'success',
  'unsupported version',
  'not authorized',
  'network failure',
  'no resources',
  'unsupported opcode'
] as const

/** A NAT-PMP result in words. */
export function natPmpResult(result: number): string {
  return RESULTS[result] ?? 'unknown result'
}

/** The question for one mapping; `lifetimeSeconds` 0 (then with `suggestedPort` 0) removes it. */
export interface NatPmpMapRequest {
  readonly protocol: MapProtocol
  readonly internalPort: number
  readonly suggestedPort: number
  readonly lifetimeSeconds: number
}

/** Any answer. What comes with it depends on the question, and is absent from refusals. */
export interface NatPmpResponse {
  readonly about: MapProtocol | 'address'
  readonly result: number
  readonly epochSeconds: number
  readonly externalIp?: string
  readonly map?: { readonly internalPort: number; readonly externalPort: number; readonly lifetimeSeconds: number }
}

/** "What is your outside address": changes nothing. */
export function encodeNatPmpAddress(): Uint8Array {
  return Uint8Array.of(VERSION, OPCODE.address)
}

/** See `NatPmpMapRequest`. */
export function encodeNatPmpMap(request: NatPmpMapRequest): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint8(1, OPCODE[request.protocol])
  view.setUint16(4, request.internalPort)
  view.setUint16(6, request.suggestedPort)
  view.setUint32(8, request.lifetimeSeconds)
  return bytes
}

/** @throws InvalidMessageError for what is no NAT-PMP answer */
export function decodeNatPmpResponse(bytes: Uint8Array): NatPmpResponse {
  if (bytes.byteLength < 8 || bytes.byteLength > MAP_BYTES) {
    throw new InvalidMessageError(`NAT-PMP: ${bytes.byteLength} bytes`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const code = view.getUint8(1)
  const about = (['address', 'udp', 'tcp'] as const).find((name) => OPCODE[name] === (code & ~RESPONSE))
  if (view.getUint8(0) !== VERSION || (code & RESPONSE) === 0 || about === undefined) {
    throw new InvalidMessageError('NAT-PMP: not an answer of version 0')
  }
  const answer = { about, result: view.getUint16(2), epochSeconds: view.getUint32(4) }
  if (answer.result !== NAT_PMP_SUCCESS) {
    return answer
  }
  if (bytes.byteLength !== (about === 'address' ? ADDRESS_BYTES : MAP_BYTES)) {
    throw new InvalidMessageError(`NAT-PMP: ${bytes.byteLength} bytes about ${about}`)
  }
  if (about === 'address') {
    return { ...answer, externalIp: ipv4FromBytes(bytes, 8) }
  }
  return {
    ...answer,
    map: {
      internalPort: view.getUint16(8),
      externalPort: view.getUint16(10),
      lifetimeSeconds: view.getUint32(12)
    }
  }
}

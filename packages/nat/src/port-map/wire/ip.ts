import { isIPv4, isIPv6 } from 'node:net'
import { InvalidMessageError } from '@p2pshare/interface'

/** IPv4 inside IPv6, as PCP carries it (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/** The four bytes of a dotted IPv4 address. Throws `InvalidMessageError` for anything else. */
export function ipv4ToBytes(ip: string): Uint8Array {
  if (!isIPv4(ip)) {
    throw new InvalidMessageError(`not an IPv4 address: ${ip}`)
  }
  return Uint8Array.from(ip.split('.'), Number)
}

/** Dotted IPv4 from the four bytes at `offset`. */
export function ipv4FromBytes(bytes: Uint8Array, offset = 0): string {
  return bytes.subarray(offset, offset + 4).join('.')
}

/** The sixteen bytes by which PCP writes an IPv4 or IPv6 address. Throws `InvalidMessageError` for anything else. */
export function ipToBytes(ip: string): Uint8Array {
  if (isIPv4(ip)) {
    return Uint8Array.of(...MAPPED_PREFIX, ...ipv4ToBytes(ip))
  }
  if (!isIPv6(ip) || ip.includes('.') || ip.includes('%')) {
    throw new InvalidMessageError(`not an IP address: ${ip}`)
  }
  const [head = '', tail] = ip.split('::')
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const words = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]))
}

/** The address in sixteen bytes at `offset`: dotted when it is IPv4 inside, else hexadecimal without abbreviation. */
export function ipFromBytes(bytes: Uint8Array, offset = 0): string {
  const own = bytes.subarray(offset, offset + 16)
  if (MAPPED_PREFIX.every((byte, index) => own[index] === byte)) {
    return ipv4FromBytes(own, 12)
  }
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength)
  return Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16)).join(':')
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

import { isIPv4, isIPv6 } from 'node:net'
import { InvalidMessageError } from '@p2pshare/interface'

/** 4 or 16 bytes of an address in text; IPv4 inside IPv6 becomes plain IPv4. Throws `InvalidMessageError`. */
export function ipToBytes(host: string): Uint8Array {
  if (isIPv4(host)) {
    return Uint8Array.from(host.split('.'), Number)
  }
  if (!isIPv6(host) || host.includes('%')) {
    throw new InvalidMessageError(`not an IP address: ${host}`)
  }
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)
  if (dotted !== null) {
    const [, head, a, b, c, d] = dotted.map((part, index) => (index < 2 ? part : Number(part)))
    const word = (high: unknown, low: unknown): string => (Number(high) * 256 + Number(low)).toString(16)
    return ipToBytes(`${String(head)}${word(a, b)}:${word(c, d)}`)
  }
  const [front = '', back] = host.split('::')
  const head = words(front)
  const tail = back === undefined ? [] : words(back)
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  const all = [...head, ...zeros, ...tail]
  const bytes = Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]))
  return isMapped(all) ? bytes.subarray(12) : bytes
}

/** 4 or 16 bytes as text in the one form of RFC 5952, so that equal addresses are equal strings. */
export function ipFromBytes(bytes: Uint8Array): string {
  if (bytes.byteLength === 4) {
    return bytes.join('.')
  }
  if (bytes.byteLength !== 16) {
    throw new InvalidMessageError(`an IP address of ${bytes.byteLength} bytes`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  const all = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2))
  if (isMapped(all)) {
    return bytes.subarray(12).join('.')
  }
  const { start, length } = longestZeros(all)
  const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':')
  return length < 2 ? text(all) : `${text(all.slice(0, start))}::${text(all.slice(start + length))}`
}

/** The one form of an address in text, without a zone. Throws `InvalidMessageError`. */
export function canonicalIp(host: string): string {
  return ipFromBytes(ipToBytes(host.replace(/%.*$/, '')))
}

function words(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function isMapped(all: readonly number[]): boolean {
  return all[5] === 0xffff && all.slice(0, 5).every((word) => word === 0)
}

function longestZeros(all: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < all.length; start++) {
    let end = start
    while (all[end] === 0) {
      end++
    }
    if (end - start > best.length) {
      best = { start, length: end - start }
    }
  }
  return best
}

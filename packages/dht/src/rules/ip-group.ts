/** Holders of one record in one IP group: whoever rents a network has not rented the key. */
export const MAX_GROUP_HOLDERS = 3

/**
 * The part of an address that one customer of a network has: /24 of IPv4, /48 of IPv6, so that a thousand addresses of
 * one attacker count as few. `undefined` for private, local and unknown addresses: a LAN is one group and no attack.
 */
export function ipGroup(address: string): string | undefined {
  return address.includes(':') ? groupOfV6(address) : groupOfV4(address)
}

function groupOfV4(address: string): string | undefined {
  const octets = address.split('.').map(Number)
  const [a = -1, b = -1, c = -1] = octets
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) {
    return undefined
  }
  const isPrivate =
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  return isPrivate ? undefined : `${a}.${b}.${c}`
}

function groupOfV6(address: string): string | undefined {
  const [text = ''] = address.toLowerCase().split('%')
  const words = expand(text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, toWords))
  if (words === undefined) {
    return undefined
  }
  const inside = v4Inside(words)
  if (inside !== undefined) {
    return groupOfV4(inside)
  }
  const [first = 0, second = 0, third = 0] = words
  // global unicast is 2000::/3; the rest is local, multicast or not given out
  return first >> 13 === 1 ? [first, second, third].map((word) => word.toString(16)).join(':') : undefined
}

/** Addresses that stand for one of IPv4: mapped ones, those of NAT64 and of 6to4. What is counted is the one inside. */
const V4_PREFIXES = [[0, 0, 0, 0, 0, 0xffff], [0x64, 0xff9b, 0, 0, 0, 0], [0x2002]]

function v4Inside(words: readonly number[]): string | undefined {
  const prefix = V4_PREFIXES.find((each) => each.every((word, at) => words[at] === word))
  const inside = prefix === undefined ? [] : words.slice(prefix.length, prefix.length + 2)
  return prefix === undefined ? undefined : inside.flatMap((word) => [word >> 8, word & 0xff]).join('.')
}

/** The last four bytes of an address as they are written in IPv4. */
function toWords(_: string, ...bytes: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** The eight words of an IPv6 address; `undefined` when it is none. */
function expand(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) {
    return undefined
  }
  const [front = [], back = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - front.length - back.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) {
    return undefined
  }
  const words = [...front, ...Array.from({ length: missing }, () => '0'), ...back]
  return words.every((word) => /^[0-9a-f]{1,4}$/.test(word))
    ? words.map((word) => Number.parseInt(word, 16))
    : undefined
}

/** 32-bit numbers from a seed, the same each time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** First bytes that matter: most of a random address space is dull. */
const STARTS: readonly (readonly number[])[] = [
  [10],
  [127],
  [0],
  [100, 64],
  [100, 100, 100, 200],
  [169, 254],
  [169, 254, 169, 254],
  [172, 16],
  [192, 168],
  [192, 0, 2],
  [192, 0, 0],
  [192, 88, 99],
  [198, 18],
  [198, 51, 100],
  [203, 0, 113],
  [224],
  [240],
  [255, 255, 255, 255]
]

const STARTS_6: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
  [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0],
  [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0x64, 0xff, 0x9b, 0, 1],
  [0x20, 0x02],
  [0x20, 0x01, 0, 0],
  [0x20, 0x01, 0x0d, 0xb8],
  [0x20, 0x01, 0, 2, 0, 0],
  [0xfc],
  [0xfd, 0, 0x0e, 0xc2],
  [0xfe, 0x80],
  [0xfe, 0xc0],
  [0xff],
  [1, 0],
  [0x3f, 0xff],
  [0x5f, 0]
]

/** IPv4 and IPv6 addresses as text: half of them in or beside a special block, half anywhere. */
export function randomHost(random: () => number): string {
  const isFour = (random() & 1) === 0
  const starts = isFour ? STARTS : STARTS_6
  const start = (random() & 1) === 0 ? (starts[random() % starts.length] ?? []) : isFour ? [] : [0x20 | (random() & 15)]
  const bytes = Uint8Array.from({ length: isFour ? 4 : 16 }, (_, index) => start[index] ?? random() & 0xff)
  if ((random() & 7) === 0) {
    // the edge of a block, or one past it
    const last = Math.max(0, start.length - 1)
    bytes[last] = ((bytes[last] ?? 0) + ((random() & 2) - 1)) & 0xff
  }
  if (isFour) {
    return bytes.join('.')
  }
  const view = new DataView(bytes.buffer)
  return Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16)).join(':')
}

/** The ways an address names a host, with a port or without. */
export function randomAddress(random: () => number, host: string): string {
  const ip = `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}`
  const port = PORTS[random() % PORTS.length] ?? 4001
  const forms = [
    `${ip}/tcp/${port}`,
    `${ip}/udp/${port}/utp`,
    `${ip}/tcp/${port}/ws`,
    `${ip}/udp/${port}/quic-v1`,
    `${ip}/tcp/${port}/p2p/${PEER}`,
    `${ip}/tcp/${port}/p2p/${PEER}/p2p-circuit`,
    ip
  ]
  return forms[random() % forms.length] ?? ip
}

export const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

const PORTS: readonly number[] = [1, 22, 25, 80, 443, 1023, 1024, 4001, 6379, 65_535]

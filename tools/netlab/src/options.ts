import { isIPv4 } from 'node:net'
import { InvalidLabOptionError } from './errors.ts'
import { NAT_TYPES, isNatType } from './nat-types.ts'
import type { NatType } from './nat-types.ts'

/** What one access link does to the packets that pass it, each way. */
export interface LinkOptions {
  /**
   * One-way delay, in milliseconds. A packet from a to b takes a's delay and b's.
   *
   * @default 15 for a, 25 for b, 20 for other sides, 5 for relays and servers
   */
  readonly delayMs?: number
  /**
   * Added to the delay of each packet, evenly spread between 0 and this; packets may overtake each other.
   *
   * @default 0
   */
  readonly jitterMs?: number
  /**
   * Packets that are lost on this link, each way. Between a and b two links may lose it.
   *
   * @default 0
   */
  readonly lossPercent?: number
  /**
   * Speed of the link in Mbit/s, each way, with a 200 ms buffer that drops what does not fit. 0 is no limit.
   *
   * @default 0
   */
  readonly rateMbit?: number
  /**
   * Biggest IP packet; bigger ones vanish without an ICMP answer, as behind many tunnels.
   *
   * @default 1_500
   */
  readonly mtuBytes?: number
}

export type Link = Required<LinkOptions>

/** How a lab is asked for. */
export interface LabOptions {
  /**
   * Names the lab, its namespaces and what is left of it after a crash: building a lab removes the old one of its name.
   * Lower-case letters, digits and dashes, 24 at most.
   *
   * @default 'lab'
   */
  readonly name?: string
  /** @default 'port-restricted' */
  readonly a?: NatType
  /** @default 'port-restricted' */
  readonly b?: NatType
  /**
   * More sides: they are called c, d, e and so on.
   *
   * @default []
   */
  readonly others?: readonly NatType[]
  /**
   * Relay hosts with two public addresses each: relay, relay2 and so on.
   *
   * @default 1
   */
  readonly relays?: number
  /**
   * Public addresses of further servers, called s2, s3 and so on. EXTRA_SERVERS has four with different first octets, as
   * AutoNAT wants them.
   *
   * @default []
   */
  readonly extraServers?: readonly string[]
  /** One-way delays by host in milliseconds: short for `links`. `relay` stands for all relays and servers. */
  readonly delays?: Readonly<Record<string, number>>
  /** Jitter on the links of all sides (a, b, ...). */
  readonly jitterMs?: number
  /** Loss on the links of all sides (a, b, ...). */
  readonly lossPercent?: number
  /** Speed of the links of all sides (a, b, ...). */
  readonly rateMbit?: number
  /** The link of one host, by its name; goes before everything else. */
  readonly links?: Readonly<Record<string, LinkOptions>>
  /**
   * Seeds losses and jitter.
   *
   * @default 1
   */
  readonly seed?: number
  /**
   * `root` makes namespaces as root, `user` inside a user namespace; `auto` takes the first that works.
   *
   * @default 'auto'
   */
  readonly ground?: 'auto' | 'root' | 'user'
}

/** A side or server with everything decided. */
export interface SideOptions {
  readonly name: string
  readonly type: NatType
  readonly link: Link
}

export interface ServerOptions {
  readonly name: string
  readonly link: Link
  /** Undefined: a relay, which has addresses of its own. */
  readonly address: string | undefined
}

export interface ResolvedLabOptions {
  readonly name: string
  readonly sides: readonly SideOptions[]
  readonly servers: readonly ServerOptions[]
  readonly seed: number
  readonly ground: 'auto' | 'root' | 'user'
}

/** Public servers in four different /8 networks. */
export const EXTRA_SERVERS = ['7.0.0.20', '8.0.0.30', '9.0.0.40', '12.0.0.50'] as const

/** The lab's own ranges, where no extra server can be. */
const TAKEN_OCTETS = new Set([0, 5, 6, 10, 11, 13, 100, 127, 169, 172, 192])
const NAME = /^[a-z0-9][a-z0-9-]{0,23}$/
/** Their names are letters; they share the 64 ports of the switch with relays and servers. */
const MAX_SIDES = 26
const MAX_RELAYS = 4
const MAX_SERVERS = 16
const MAX_DELAY_MS = 10_000
/** Above this a veth needs settings of its own. */
const MAX_MTU_BYTES = 1500
/** What IPv6 needs at least. */
const MIN_MTU_BYTES = 1280
const MAX_RATE_MBIT = 100_000

/**
 * Check options and fill in defaults.
 *
 * @throws InvalidLabOptionError
 */
export function resolveLabOptions(options: LabOptions): ResolvedLabOptions {
  const name = options.name ?? 'lab'
  checkLabName(name)
  const sides = sidesOf(options)
  const servers = serversOf(options)
  const known = new Set([...sides, ...servers].map((host) => host.name))
  for (const [option, hosts] of [
    ['delays', options.delays],
    ['links', options.links]
  ] as const) {
    const stranger = Object.keys(hosts ?? {}).find((host) => !known.has(host))
    if (stranger !== undefined && !(option === 'delays' && stranger === 'relay')) {
      throw new InvalidLabOptionError(option, `there is no host ${stranger}; there are ${[...known].join(', ')}`)
    }
  }
  return {
    name,
    sides,
    servers,
    seed: integer('seed', options.seed ?? 1, 0, 2 ** 32),
    ground: options.ground ?? 'auto'
  }
}

/** @throws InvalidLabOptionError */
export function checkLabName(name: string): void {
  if (!NAME.test(name)) {
    throw new InvalidLabOptionError(
      'name',
      `${JSON.stringify(name)} is not 1 to 24 lower-case letters, digits and dashes`
    )
  }
}

/**
 * A link with some of its values changed.
 *
 * @throws InvalidLabOptionError
 */
export function withLink(link: Link, change: LinkOptions): Link {
  return {
    delayMs: number('delayMs', change.delayMs ?? link.delayMs, 0, MAX_DELAY_MS),
    jitterMs: number('jitterMs', change.jitterMs ?? link.jitterMs, 0, MAX_DELAY_MS),
    lossPercent: number('lossPercent', change.lossPercent ?? link.lossPercent, 0, 100),
    rateMbit: number('rateMbit', change.rateMbit ?? link.rateMbit, 0, MAX_RATE_MBIT),
    mtuBytes: integer('mtuBytes', change.mtuBytes ?? link.mtuBytes, MIN_MTU_BYTES, MAX_MTU_BYTES)
  }
}

function sidesOf(options: LabOptions): SideOptions[] {
  const types = [options.a ?? 'port-restricted', options.b ?? 'port-restricted', ...(options.others ?? [])]
  if (types.length > MAX_SIDES) {
    throw new InvalidLabOptionError('others', `${types.length} sides, at most ${MAX_SIDES}`)
  }
  return types.map((type, at) => {
    const name = String.fromCharCode('a'.charCodeAt(0) + at)
    if (!isNatType(type)) {
      throw new InvalidLabOptionError(name, `no such type; there are ${Object.keys(NAT_TYPES).join(', ')}`)
    }
    if (type === 'lan' && at !== 1) {
      throw new InvalidLabOptionError(name, "only b can be on a's LAN")
    }
    if (type === 'lan' && types[0] === 'public') {
      throw new InvalidLabOptionError(name, 'a public host has no LAN to be on')
    }
    const { jitterMs, lossPercent, rateMbit } = options
    const shared = {
      ...(jitterMs !== undefined && { jitterMs }),
      ...(lossPercent !== undefined && { lossPercent }),
      ...(rateMbit !== undefined && { rateMbit })
    }
    return { name, type, link: linkOf(options, name, [15, 25][at] ?? 20, shared) }
  })
}

function serversOf(options: LabOptions): ServerOptions[] {
  const relays = integer('relays', options.relays ?? 1, 1, MAX_RELAYS)
  const extra = options.extraServers ?? []
  if (extra.length > MAX_SERVERS) {
    throw new InvalidLabOptionError('extraServers', `${extra.length} servers, at most ${MAX_SERVERS}`)
  }
  const delayMs = options.delays?.['relay'] ?? 5
  const server = (name: string, address: string | undefined) => ({
    name,
    address,
    link: linkOf(options, name, delayMs, {})
  })
  for (const [at, address] of extra.entries()) {
    const octet = Number(address.split('.')[0])
    if (!isIPv4(address) || TAKEN_OCTETS.has(octet) || octet > 223 || extra.indexOf(address) !== at) {
      throw new InvalidLabOptionError('extraServers', `${address} is not a public IPv4 address that is free in a lab`)
    }
  }
  return [
    ...Array.from({ length: relays }, (_, at) => server(at === 0 ? 'relay' : `relay${at + 1}`, undefined)),
    ...extra.map((address, at) => server(`s${at + 2}`, address))
  ]
}

function linkOf(options: LabOptions, host: string, delayMs: number, shared: LinkOptions): Link {
  const plain: Link = { delayMs, jitterMs: 0, lossPercent: 0, rateMbit: 0, mtuBytes: MAX_MTU_BYTES }
  const delay = options.delays?.[host]
  return withLink(plain, { ...shared, ...(delay !== undefined && { delayMs: delay }), ...options.links?.[host] })
}

function number(option: string, value: number, least: number, most: number): number {
  if (!(value >= least && value <= most)) {
    throw new InvalidLabOptionError(option, `${value} is not between ${least} and ${most}`)
  }
  return value
}

function integer(option: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value)) {
    throw new InvalidLabOptionError(option, `${value} is not a whole number`)
  }
  return number(option, value, least, most)
}

import { Type } from 'typebox'
import type { Static } from 'typebox'

/** More addresses than a machine has; each costs a socket, a dial or room in a record. */
export const MAX_ADDRESSES = 64

/** Paths to seed at start. */
export const MAX_SHARES = 10_000

/** `PATH_MAX` of Linux; no host name or multiaddr is longer either. */
export const MAX_TEXT_LENGTH = 4096

/** Each holds a connection open; no process of ours has more sockets. */
export const MAX_RELAY_RESERVATIONS = 100_000

/** The longest delay a timer takes; a larger one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Lower caps are what peers take for a stalled connection. */
export const MIN_BYTES_PER_SECOND = 1024

/** Ten years: a scrub that comes later is none. */
export const MAX_SCRUB_DAYS = 3650

/** A cap in bytes a second. */
const Rate = Type.Integer({ minimum: MIN_BYTES_PER_SECOND, maximum: Number.MAX_SAFE_INTEGER })

const Text = Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH })
const Addresses = Type.Array(Text, { maxItems: MAX_ADDRESSES })
const closed = { additionalProperties: false }

/** Everything that can be configured. Every key is optional in a file; `DEFAULTS` has the rest. */
export const ConfigSchema = Type.Object(
  {
    home: Type.Optional(Text),
    listen: Type.Optional(Addresses),
    announce: Type.Optional(Addresses),
    bootstrap: Type.Optional(Addresses),
    networkKey: Type.Optional(Text),
    allowNetworks: Type.Optional(Addresses),
    mdns: Type.Optional(Type.Boolean()),
    http: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(Text),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
          allowRemote: Type.Optional(Type.Boolean()),
          allowedHosts: Type.Optional(Type.Array(Text, { maxItems: MAX_ADDRESSES }))
        },
        closed
      )
    ),
    relay: Type.Optional(
      Type.Object(
        {
          enabled: Type.Optional(Type.Boolean()),
          maxReservations: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_RELAY_RESERVATIONS })),
          maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
          maxDurationMs: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMER_MS }))
        },
        closed
      )
    ),
    stun: Type.Optional(
      Type.Object({ otherPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })) }, closed)
    ),
    limits: Type.Optional(
      Type.Object({ uploadBytesPerSecond: Type.Optional(Rate), downloadBytesPerSecond: Type.Optional(Rate) }, closed)
    ),
    scrub: Type.Optional(
      Type.Object(
        {
          everyDays: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SCRUB_DAYS })),
          bytesPerSecond: Type.Optional(Rate)
        },
        closed
      )
    ),
    shares: Type.Optional(Type.Array(Text, { maxItems: MAX_SHARES })),
    log: Type.Optional(
      Type.Object(
        { level: Type.Optional(Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])) },
        closed
      )
    )
  },
  closed
)

/** A configuration as it is written: what is missing has its default. */
export type ConfigInput = Static<typeof ConfigSchema>

export type LogLevel = NonNullable<NonNullable<ConfigInput['log']>['level']>

/** A complete, checked configuration. */
export interface Config {
  /** Directory for the identity, the list of shares and `daemon.json`. */
  readonly home: string
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead of those found; for servers behind a forwarded port. */
  readonly announce: readonly string[]
  /** Nodes to join through; none makes this node the first of its network. */
  readonly bootstrap: readonly string[]
  /** File with the key of the private network to be in; without it, the open one. */
  readonly networkKey?: string
  /** Private networks that peers may name addresses of, as `10.0.0.0/8`. */
  readonly allowNetworks: readonly string[]
  readonly mdns: boolean
  readonly http: {
    readonly host: string
    /** `0`: any free port. */
    readonly port: number
    /** Allows `host` to be an address that other machines reach. */
    readonly allowRemote: boolean
    /** Names, besides those of this machine, that a `Host` header may have. */
    readonly allowedHosts: readonly string[]
  }
  readonly relay: {
    readonly enabled: boolean
    /** Peers that may be reached through this node at once. @default that of `@p2pshare/nat` */
    readonly maxReservations?: number
    /** Bytes of one relayed connection, both ways together. @default that of `@p2pshare/nat` */
    readonly maxBytes?: number
    /** Milliseconds of one relayed connection. @default that of `@p2pshare/nat` */
    readonly maxDurationMs?: number
  }
  readonly stun: {
    /** Second UDP port that STUN is answered at; `0`: any free one. @default 7072; any where `listen` names no UDP port */
    readonly otherPort?: number
  }
  readonly limits: {
    /** Bytes a second to all peers together. @default no limit */
    readonly uploadBytesPerSecond?: number
    /** Bytes a second from all peers together. @default no limit */
    readonly downloadBytesPerSecond?: number
  }
  readonly scrub: {
    /** Days between two passes over all that is shared; `0`: none. @default that of `@p2pshare/transfer`, 30 */
    readonly everyDays?: number
    /** Most bytes a second that one reads. @default that of `@p2pshare/transfer`, 4 MiB */
    readonly bytesPerSecond?: number
  }
  /** Files and directories to seed from the start. */
  readonly shares: readonly string[]
  readonly log: { readonly level: LogLevel }
}

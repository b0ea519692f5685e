import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { MembershipView } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'

/** Networks a node can be in side by side: P2PShare's own, that of the local network, and the public one of IPFS. */
export type NetworkName = 'own' | 'lan' | 'amino'

/**
 * `due`: nobody is known to hold the record, or it is time to tell it again. `announced`: others find it. `failed`: the
 * last try reached too few; it is tried again at `nextAt`.
 */
export type AnnouncementState = 'announced' | 'due' | 'failed'

/** How far the announcement of one root in one network is. Times in milliseconds since the Unix epoch. */
export interface Announcement {
  readonly root: CID
  readonly network: NetworkName
  readonly state: AnnouncementState
  /** Holders that confirmed the record when it was last told. Five make it findable, 20 complete. */
  readonly holders: number
  /** All holders there can be have it. */
  readonly complete: boolean
  /** Placed peers crowd the key; the record went to everybody around them as well. */
  readonly crowded: boolean
  /** Since when it is wanted. */
  readonly since: number
  /** When it was last told; absent while it never was. */
  readonly announcedAt?: number
  /** Until when holders serve what they were told. */
  readonly until?: number
  /** When it is told again; absent while nobody is there to tell or this node has no address. */
  readonly nextAt?: number
  /** Tries in a row that reached too few. */
  readonly failures: number
}

/** Numbers of one network since the service started. */
export interface NetworkStatus {
  readonly name: NetworkName
  readonly protocol: string
  /** A server answers others and is in their tables; a client only asks. */
  readonly mode: 'server' | 'client'
  /** Peers in the routing table. */
  readonly tableSize: number
  /** About how many servers there are: `low` to `high` nine times out of ten. Absent before a few lookups have ended. */
  readonly size?: { readonly nodes: number; readonly low: number; readonly high: number }
  /** Half of the holders are gone after so long, as far as this node has seen. */
  readonly halfLifeMs?: number
  /** Roots of this node by state, and when the next is told. */
  readonly queue: {
    readonly announced: number
    readonly due: number
    readonly failed: number
    readonly nextAt?: number
  }
  /** Records that others stored here. `refused`: kept out by a limit. */
  readonly records: { readonly count: number; readonly keys: number; readonly bytes: number; readonly refused: number }
  readonly lookups: LookupCounts
}

/** What lookups of this node have cost and met. */
export interface LookupCounts {
  readonly finds: number
  readonly provides: number
  /** Requests and records sent. */
  readonly messages: number
  /** Peers that did not answer in time. */
  readonly timeouts: number
  /** Peers that could not be reached or answered wrongly. */
  readonly failures: number
  /** Times a key was crowded by placed peers. */
  readonly alarms: number
}

/** What the service does and knows, to be read by people and programs. */
export interface DhtStatus {
  readonly networks: readonly NetworkStatus[]
}

/** One peer of the routing table. */
export interface TableEntry {
  readonly network: NetworkName
  readonly id: PeerId
  /** Bits that its position and this node's have in common: the more, the nearer. */
  readonly commonBits: number
  readonly connected: boolean
}

/** Where a lookup stands: `atMs` counts from its start, `distance` is a share of the key space. */
export type TraceEvent = { readonly atMs: number; readonly network: NetworkName } & (
  | {
      readonly name: 'start'
      readonly kind: 'find' | 'provide'
      /** Contacts the lookup begins with. */
      readonly seeds: number
      /** Estimated number of servers. */
      readonly nodes?: number
      /** By whom the seeds are known: membership names the holders, a table only a way to them. */
      readonly from: 'view' | 'table'
    }
  /** A request is sent. `hop`: 1 for seeds, one more than that of the peer that named it for others. */
  | {
      readonly name: 'ask'
      readonly peer: PeerId
      readonly hop: number
      readonly distance: number
      readonly connected: boolean
      /** 0 is the walk to the key; others go around a crowded one. */
      readonly walk: number
    }
  | {
      readonly name: 'answer'
      readonly peer: PeerId
      readonly tookMs: number
      /** Peers it named, and those among them that nobody had named. */
      readonly closer: number
      readonly fresh: number
      readonly providers: number
    }
  /** No answer yet: the next is asked beside it, and a late answer still counts. */
  | { readonly name: 'slow'; readonly peer: PeerId; readonly afterMs: number }
  | { readonly name: 'failed'; readonly peer: PeerId; readonly tookMs: number; readonly why: RequestFailure }
  /** The record is sent, and then confirmed or not. */
  | { readonly name: 'put'; readonly peer: PeerId; readonly distance: number }
  | { readonly name: 'acked'; readonly peer: PeerId; readonly tookMs: number; readonly acks: number }
  | { readonly name: 'provider'; readonly id: PeerId; readonly from: PeerId }
  /** The key is crowded: from here on everybody around it is asked. */
  | { readonly name: 'alarm'; readonly nodes: number }
  /** Five hold the record, or all there are. */
  | { readonly name: 'findable'; readonly acks: number }
  | {
      readonly name: 'end'
      readonly why: LookupEnd
      readonly messages: number
      readonly acks: number
    }
)

/**
 * `timeout`: five seconds without an answer. `unreachable`: no connection. `unsupported`: it is there and does not speak
 * the protocol of this network. `invalid`: what came was no answer, or the stream was reset.
 */
export type RequestFailure = 'timeout' | 'unreachable' | 'unsupported' | 'invalid'

/** `exhausted`: nobody is left to ask. `complete`: everybody was told. `left`: the caller had enough or gave up. */
export type LookupEnd = 'exhausted' | 'complete' | 'left'

/** Options of one search. */
export interface FindProvidersOptions extends AbortOptions {
  /** Search at most this long, in milliseconds. The default is `DhtInit.findTimeoutMs`. */
  timeoutMs?: number
}

/** Options of a trace. */
export interface TraceOptions extends AbortOptions {
  /**
   * What to watch: a search, or an announcement, which puts a record of this node at the holders once.
   *
   * @default 'find'
   */
  kind?: 'find' | 'provide'
  /** In which network. @default 'own' */
  network?: NetworkName
}

/** What sibling packages contribute. Each is optional. */
export interface DhtCollaborators {
  /**
   * Providers it holds dead are not handed out while there are others; those it holds alive and near come first. With
   * `members()`, holders are chosen among them without a walk, and records are told to others when their holders die.
   */
  membership?: Pick<MembershipView, 'member'> & Partial<Pick<MembershipView, 'members'>>
}

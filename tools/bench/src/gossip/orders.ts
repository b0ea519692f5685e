/** What the bench tells a process of nodes, and what it answers (over Node's own channel between parent and child). */
export type Order =
  | { readonly type: 'start'; readonly count: number; readonly profile: string }
  /** Join through this address. Answered when connected, with the moment before the dial and how long it took. */
  | { readonly type: 'join'; readonly node: number; readonly address: string }
  /** A clean leave. Answered when stopped, with the moment before it. */
  | { readonly type: 'leave'; readonly node: number }
  /** What was seen since the last time. */
  | { readonly type: 'collect' }
  /** How many others each node holds alive, and how many of them it suspects. */
  | { readonly type: 'live' }
  /** Announce something by this name in the topic of the network. */
  | { readonly type: 'say'; readonly node: number; readonly name: string }
  /** The names that each node has heard since it started. */
  | { readonly type: 'heard' }

export interface NodeAddress {
  readonly id: string
  readonly address: string
}

/** One change as one node learned of it. */
export interface Seen {
  readonly viewer: string
  readonly subject: string
  readonly change: 'join' | 'leave' | 'suspect' | 'alive' | 'dead'
  /** Milliseconds since the Unix epoch; all on one machine. */
  readonly at: number
  readonly hops: number
}

export interface Answers {
  readonly start: readonly NodeAddress[]
  readonly join: { readonly at: number; readonly dialMs: number }
  readonly leave: number
  readonly collect: {
    readonly seen: readonly Seen[]
    readonly opened: number
    /** Pings that were answered. */
    readonly answered: number
    readonly links: readonly number[]
    /** Round trips as the nodes measure them, of those they have links to. */
    readonly rttMs: readonly number[]
  }
  readonly live: ReadonlyArray<{ readonly alive: number; readonly suspected: number }>
  readonly say: true
  readonly heard: readonly (readonly string[])[]
}

export interface Envelope {
  readonly number: number
  readonly order: Order
}

export interface Answer {
  readonly number: number
  readonly value?: Answers[keyof Answers]
  readonly error?: string
}

import type { Connection, PeerId } from '@libp2p/interface'
import type { PathKind } from '@p2pshare/interface'

/** Of a relay's limit, what is left when it cuts: it counts what never arrived here too. */
const REST_BYTES = 64n * 1024n
const REST_SECONDS = 1

/** Answers of a relay that has no room, in the words of libp2p's errors. */
const RELAY_REFUSALS = /RESOURCE_LIMIT_EXCEEDED|RESERVATION_REFUSED|(?:data|duration) limit of/u

/** Causes of causes say nothing new. */
const MAX_DEPTH = 3

type Limits = NonNullable<Connection['limits']>

interface Budget {
  readonly peer: PeerId
  readonly limits: Limits
}

/** What relays still let through to each peer of a download, and to whom they let nothing more. */
export class RelayBudgets {
  readonly #path: (peer: PeerId) => PathKind
  readonly #budgets = new Map<string, Budget>()
  /** Whose session ended with nothing left. */
  readonly #ended = new Set<string>()

  /** `path`: how bytes reach a peer now. A session moves to a direct connection without a word. */
  constructor(path: (peer: PeerId) => PathKind) {
    this.#path = path
  }

  /** Peers that a relay lets nothing more through to. */
  get cut(): number {
    return this.#ended.size + [...this.#budgets.values()].filter((budget) => this.#isUsedUp(budget)).length
  }

  /** There is a session; `limits` are those of a relay, if one has any. */
  joined(peer: PeerId, limits: Limits | undefined): void {
    const key = peer.toString()
    this.#ended.delete(key)
    if (limits === undefined) {
      this.#budgets.delete(key)
    } else {
      this.#budgets.set(key, { peer, limits })
    }
  }

  left(peer: PeerId): void {
    const key = peer.toString()
    const budget = this.#budgets.get(key)
    this.#budgets.delete(key)
    if (budget !== undefined && this.#isUsedUp(budget)) {
      this.#ended.add(key)
    }
  }

  /** libp2p counts the limits of a connection down as the relay does. */
  #isUsedUp({ peer, limits: { bytes, seconds } }: Budget): boolean {
    const isOver = (bytes !== undefined && bytes < REST_BYTES) || (seconds !== undefined && seconds <= REST_SECONDS)
    return isOver && this.#path(peer) !== 'direct'
  }
}

/** Whether a relay refused, whatever wraps what it said. */
export function isRelayRefusal(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_DEPTH) {
    return false
  }
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause]
  return RELAY_REFUSALS.test(error.message) || inner.some((each) => isRelayRefusal(each, depth + 1))
}

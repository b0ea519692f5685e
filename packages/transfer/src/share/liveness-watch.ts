import type { Logger, PeerId } from '@libp2p/interface'
import type { Member, MembershipView } from '@p2pshare/interface'
import { PeerGoneError } from '../errors.ts'
import type { Connector } from './connector.ts'
import type { Entry } from './entry.ts'

/**
 * Time a session gets to show that its peer is there although membership says it is dead: as long as bytes come, the
 * verdict is wrong, and the session stays.
 */
export const DOUBT_MS = 2_000

export interface LivenessWatchInit {
  readonly membership: MembershipView
  readonly log: Logger
  readonly entries: () => Iterable<Entry>
  /** Downloads that run: somebody is alive whom they may be waiting for. */
  readonly connectors: Iterable<Pick<Connector, 'revived'>>
  readonly signal: AbortSignal
}

/** Watch until the signal aborts, if there is membership to watch. */
export function watchLiveness(
  membership: MembershipView | undefined,
  init: Omit<LivenessWatchInit, 'membership'>
): void {
  if (membership !== undefined) {
    new LivenessWatch({ membership, ...init }).start()
  }
}

/**
 * Does at once what else a time-out would do: sessions with a peer that left end when membership says so, those with a
 * dead one when nothing comes from it any more, and what they were to send is asked of others.
 */
export class LivenessWatch {
  readonly #init: LivenessWatchInit
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(init: LivenessWatchInit) {
    this.#init = init
  }

  start(): void {
    const { membership, signal } = this.#init
    membership.addEventListener('member:leave', this.#onLeave)
    membership.addEventListener('member:dead', this.#onDead)
    membership.addEventListener('member:join', this.#onAlive)
    membership.addEventListener('member:alive', this.#onAlive)
    signal.addEventListener(
      'abort',
      () => {
        membership.removeEventListener('member:leave', this.#onLeave)
        membership.removeEventListener('member:dead', this.#onDead)
        membership.removeEventListener('member:join', this.#onAlive)
        membership.removeEventListener('member:alive', this.#onAlive)
        this.#timers.forEach(clearTimeout)
        this.#timers.clear()
      },
      { once: true }
    )
  }

  readonly #onLeave = ({ detail }: CustomEvent<Member>): void => {
    this.#end(detail.id, 'left', () => true)
  }

  readonly #onDead = ({ detail: { id } }: CustomEvent<Member>): void => {
    const before = new Map<Entry, number>()
    for (const entry of this.#init.entries()) {
      const received = entry.swarm.receivedFrom(id)
      if (received !== undefined) {
        before.set(entry, received)
      }
    }
    if (before.size === 0) {
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (this.#init.membership.member(id)?.state === 'dead') {
        this.#end(id, 'dead', (entry) => entry.swarm.receivedFrom(id) === before.get(entry))
      }
    }, DOUBT_MS)
    this.#timers.add(timer)
  }

  readonly #onAlive = ({ detail }: CustomEvent<Member>): void => {
    for (const connector of this.#init.connectors) {
      connector.revived(detail.id)
    }
  }

  #end(peer: PeerId, why: 'left' | 'dead', which: (entry: Entry) => boolean): void {
    for (const entry of this.#init.entries()) {
      const session = entry.swarm.session(peer)
      if (session !== undefined && which(entry)) {
        this.#init.log('%p %s: its session for %c ends', peer, why, entry.root)
        session.fail(new PeerGoneError(peer, why))
      }
    }
  }
}

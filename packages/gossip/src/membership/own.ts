import { ACCUSE_HEARD_AGAIN_MS, MUTE_MS } from './accusers.ts'
import type { Accusers } from './accusers.ts'
import type { Context } from './context.ts'
import { ALIVE } from './state.ts'
import type { Claim, MemberIndex, UnsignedClaim } from './types.ts'

export interface OwnHooks {
  /** Signed, at once. */
  signed(claim: Claim, now: number): void
}

/** What this node says about itself, and how it answers what others say about it. */
export class Own {
  incarnation = 0
  isLeaving = false
  /** The last signed one. */
  claim: Claim | undefined
  readonly #context: Context
  readonly #accusers: Accusers
  readonly #hooks: OwnHooks
  #metadata: Uint8Array | undefined

  constructor(context: Context, accusers: Accusers, hooks: OwnHooks) {
    this.#context = context
    this.#accusers = accusers
    this.#hooks = hooks
  }

  start(incarnation: number, metadata: Uint8Array | undefined, claim: Claim | undefined, now: number): void {
    this.incarnation = incarnation
    this.#metadata = metadata ?? claim?.metadata
    this.claim = claim
    this.#context.view.set(this.#context.self, ALIVE, claim)
    if (claim === undefined) {
      this.#speak(now)
    }
  }

  setMetadata(metadata: Uint8Array, now: number): void {
    this.#metadata = metadata
    if (!this.isLeaving) {
      this.incarnation++
      this.#speak(now)
    }
  }

  leave(now: number): void {
    this.isLeaving = true
    this.sign({ kind: 'left', subject: this.#context.self, incarnation: this.incarnation }, now)
  }

  /**
   * Whether a claim about this node has to be answered: others hold something else than it says. An accusation that a
   * third one passes on counts there, and so it is always answered. An accuser itself is answered as often as others
   * would listen to it: not at all soon after, and rarely once it has often been wrong.
   */
  concerns({ kind, signer, subject, incarnation, id }: Claim, from: MemberIndex, now: number): boolean {
    if (this.isLeaving || incarnation < this.incarnation) {
      return false
    }
    if (kind !== 'suspect') {
      return id !== this.claim?.id && (incarnation > this.incarnation || this.claim !== undefined)
    }
    const gapMs = this.#accusers.isMuted(signer, now) ? MUTE_MS : ACCUSE_HEARD_AGAIN_MS
    return from !== signer || this.#accusers.mayAccuse(signer, subject, gapMs, now)
  }

  /** Answers it with a higher incarnation. `wasWell`: nothing here was late or unheard, so that the accuser is wrong. */
  refute({ kind, signer, incarnation }: Claim, wasWell: boolean, now: number): void {
    if (kind === 'suspect') {
      this.#accusers.accused(signer, this.#context.self, now)
      if (wasWell) {
        this.#accusers.refutedAgain(signer, now)
      }
    }
    this.incarnation = Math.max(this.incarnation, incarnation) + 1
    this.#context.counters.refutations++
    this.#speak(now)
  }

  sign(unsigned: UnsignedClaim, now: number): void {
    const claim = this.#context.effects.sign(unsigned)
    if (claim !== undefined) {
      this.#hooks.signed(claim, now)
    }
  }

  #speak(now: number): void {
    const metadata = this.#metadata
    const unsigned = { kind: 'alive', subject: this.#context.self, incarnation: this.incarnation } as const
    this.sign(metadata === undefined ? unsigned : { ...unsigned, metadata }, now)
  }
}

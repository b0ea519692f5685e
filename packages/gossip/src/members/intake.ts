import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { PeerMeter } from '../links/peer-meter.ts'
import { TURN_MS } from '../links/constants.ts'
import type { Claim, ClaimId, MemberIndex, MembershipMachine, MembershipMessage } from '../membership/types.ts'
import { decodeClaim } from '../wire/claim-codec.ts'
import type { DecodedClaim } from '../wire/claim-codec.ts'
import { decodeMessage } from '../wire/frame-codec.ts'
import type { RawMessage } from '../wire/frame-codec.ts'
import type { Directory } from './directory.ts'
import { bytesOf, keyOf, peerOf } from './directory.ts'
import type { Signatures, Verdict } from './signatures.ts'

/** What an `Intake` works with. */
export interface IntakeInit {
  readonly directory: Directory
  readonly signatures: Signatures
  readonly machine: Pick<MembershipMachine, 'isNews'>
  readonly meterOf: (peer: PeerId) => Pick<PeerMeter, 'check' | 'checkWaitMs'>
  readonly now: () => number
  /** Resolves after so many milliseconds; 0: when sockets were read. Never, when this node stops. */
  readonly pause: (ms: number) => Promise<void>
  readonly deliver: (from: PeerId, message: MembershipMessage) => void
}

type WithClaims = Extract<RawMessage, { readonly claims: unknown }>

/** A message of which some claims were looked at. */
interface Work {
  readonly from: PeerId
  readonly raw: WithClaims
  readonly accepted: Accepted[]
  /** Subjects of claims accepted so far: what follows about them may be news because of these. */
  readonly touched: Set<string>
  /** Of claims that were left out: the sender has them, so they need not be sent to it. */
  readonly stale: ClaimId[]
  next: number
}

interface Accepted {
  readonly decoded: DecodedClaim
  readonly wire: Uint8Array
}

/**
 * From a frame to a message for the machine. Claims that are news are checked before the machine sees them, in order and
 * not too fast; those that are not are left out, unchecked.
 */
export class Intake {
  readonly #init: IntakeInit
  #turnEndsAt = -Infinity

  constructor(init: IntakeInit) {
    this.#init = init
  }

  /** Throws, or rejects with, `InvalidMessageError` when the frame or a signature in it is wrong. */
  take(from: PeerId, frame: Uint8Array): void | Promise<void> {
    const raw = decodeMessage(frame)
    if ('claims' in raw) {
      return this.#work({ from, raw, accepted: [], touched: new Set(), stale: [], next: 0 })
    }
    this.#init.deliver(from, raw)
    return undefined
  }

  /** A claim of this node's own, or one from a store, as the machine knows it; nothing when there is no room for it. */
  toClaim({ decoded, wire }: Accepted): Claim | undefined {
    const subject = this.#indexOf(decoded.subject, decoded.kind !== 'suspect')
    const signer = decoded.accuser === undefined ? subject : this.#indexOf(decoded.accuser, false)
    if (subject === undefined || signer === undefined) {
      return undefined
    }
    const { kind, incarnation, evidence, metadata } = decoded
    return {
      kind,
      subject,
      incarnation,
      signer,
      ...(evidence === undefined ? {} : { evidence }),
      ...(metadata === undefined ? {} : { metadata }),
      id: this.#init.signatures.idOf(decoded),
      bytes: wire.byteLength,
      wire
    }
  }

  #indexOf(bytes: Uint8Array, mayAdd: boolean): MemberIndex | undefined {
    const { directory } = this.#init
    return directory.indexOf(bytes) ?? (mayAdd ? directory.add(peerOf(bytes)) : undefined)
  }

  #work(work: Work): void | Promise<void> {
    for (let wire = work.raw.claims[work.next]; wire !== undefined; wire = work.raw.claims[++work.next]) {
      const waiting = this.#look(work, wire)
      if (waiting !== undefined) {
        return waiting.then(async (isDone) => {
          work.next += isDone ? 1 : 0
          return this.#work(work)
        })
      }
    }
    this.#finish(work)
    return undefined
  }

  /** Resolves with true when it is done with the claim, with false when it must look again. */
  #look(work: Work, wire: Uint8Array): undefined | Promise<boolean> {
    const decoded = decodeClaim(wire)
    if (!this.#isWorthChecking(work, decoded, wire)) {
      work.stale.push(this.#init.signatures.idOf(decoded))
      return undefined
    }
    const { now, pause, meterOf, signatures } = this.#init
    const meter = meterOf(work.from)
    const waitMs = meter.checkWaitMs(now())
    if (waitMs > 0 || this.#isTurnOver()) {
      return pause(waitMs).then(() => false)
    }
    meter.check(now())
    const verdict = signatures.verify(decoded, wire)
    if (verdict instanceof Promise) {
      return verdict.then((settled) => {
        this.#judge(work, decoded, wire, settled)
        return true
      })
    }
    this.#judge(work, decoded, wire, verdict)
    return undefined
  }

  #isWorthChecking(work: Work, decoded: DecodedClaim, wire: Uint8Array): boolean {
    if (work.touched.has(keyOf(decoded.subject))) {
      return true
    }
    if (this.#init.directory.indexOf(decoded.subject) === undefined) {
      // who is not known makes itself known; what others say about it comes again when it is
      return decoded.kind !== 'suspect'
    }
    const claim = this.toClaim({ decoded, wire })
    const from = this.#init.directory.indexOf(bytesOf(work.from))
    return claim !== undefined && from !== undefined && this.#init.machine.isNews(claim, from, this.#init.now())
  }

  #judge(work: Work, decoded: DecodedClaim, wire: Uint8Array, verdict: Verdict): void {
    if (verdict === 'bad') {
      // nobody passes on what it has not checked, so whoever brings it made it
      throw new InvalidMessageError('claim.signature: wrong')
    }
    if (verdict === 'good') {
      // a copy: the frame around it is not kept
      const copy = wire.slice()
      work.accepted.push({ decoded: decodeClaim(copy), wire: copy })
      work.touched.add(keyOf(decoded.subject))
    }
  }

  /** Numbers of members may have changed hands while it waited, so they are looked up now. */
  #finish({ from, raw, accepted, stale }: Work): void {
    const claims = accepted.flatMap((each) => this.toClaim(each) ?? [])
    this.#init.deliver(from, { ...raw, claims, ...(raw.type === 'push' ? { stale } : {}) })
  }

  /** Signatures take a tenth of a millisecond each; a copy of a large network must not hold up everything else. */
  #isTurnOver(): boolean {
    const now = this.#init.now()
    if (now > this.#turnEndsAt + TURN_MS) {
      this.#turnEndsAt = now + TURN_MS
      return false
    }
    return now > this.#turnEndsAt
  }
}

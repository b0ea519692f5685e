import type { DatagramAddress } from '@p2pshare/interface'
import { CHALLENGE_TTL_MS } from '../constants.ts'
import { isSame } from '../multiaddr.ts'

interface Candidate {
  readonly address: DatagramAddress
  readonly challenge: Uint8Array
  readonly until: number
}

/**
 * Where the other end is. A probe from elsewhere makes a candidate of the address, which has to send a challenge back that
 * was sent there before it counts: an address can be made up, or be somebody's who only listens. One candidate at a time,
 * the newest. Pure: time and random bytes are passed in.
 */
export class Challenges {
  #lastProbe = 0
  #candidate: Candidate | undefined

  /**
   * A probe came from `address`, and the other end is known to be at `current`. Returns the challenge to send back with the
   * answer, if it needs one; `'stale'`: the probe was seen before, or overtaken, and gets no answer.
   */
  onProbe(
    probe: { readonly sequence: number; readonly address: DatagramAddress; readonly current: DatagramAddress },
    now: number,
    random: () => Uint8Array
  ): Uint8Array | undefined | 'stale' {
    const { sequence, address, current } = probe
    if (sequence <= this.#lastProbe) {
      return 'stale'
    }
    this.#lastProbe = sequence
    if (isSame(address, current)) {
      this.#candidate = undefined
      return undefined
    }
    const known = this.#candidate
    if (known === undefined || known.until <= now || !isSame(known.address, address)) {
      this.#candidate = { address, challenge: random(), until: now + CHALLENGE_TTL_MS }
    }
    return this.#candidate?.challenge
  }

  /** Whether a challenge came back from where it was sent to, in time. It is used up. */
  onProof(challenge: Uint8Array, address: DatagramAddress, now: number): boolean {
    const candidate = this.#candidate
    if (
      candidate === undefined ||
      candidate.until <= now ||
      !isSame(candidate.address, address) ||
      Buffer.compare(candidate.challenge, challenge) !== 0
    ) {
      return false
    }
    this.#candidate = undefined
    return true
  }
}

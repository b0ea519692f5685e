import { createHmac, timingSafeEqual } from 'node:crypto'
import { ATTEMPT_BYTES, MAC_BYTES, SECRET_BYTES } from '../constants.ts'
import type { Role } from '../types.ts'

/**
 * What a probe says: `probe`, are you there; `ack`, I heard you; `nominate`, this path, with the streams of `index`;
 * `ready`, I heard that, too.
 */
export type ProbeKind = 'probe' | 'ack' | 'nominate' | 'ready'

/** A datagram of a punch. All have the same length, so no answer is longer than what it answers. */
export interface Probe {
  readonly kind: ProbeKind
  /** Which of the reserved streams; 0 in a `probe` and an `ack`. */
  readonly index: number
}

const KINDS: readonly ProbeKind[] = ['probe', 'ack', 'nominate', 'ready']

/** "PNCH": neither STUN, whose first two bits are 0, nor UDX, whose first byte is 255. */
const MAGIC = Uint8Array.of(0x50, 0x4e, 0x43, 0x48)
const HEAD_BYTES = MAGIC.byteLength + ATTEMPT_BYTES + 3

/** Length of every probe: magic, attempt, kind, sender's role, index, code of authenticity. */
export const PROBE_BYTES = HEAD_BYTES + MAC_BYTES

/** The key of the probes of one attempt, out of what both ends said over the encrypted relayed connection. */
export function probeKey(secrets: { readonly initiator: Uint8Array; readonly responder: Uint8Array }): Uint8Array {
  const both = new Uint8Array(2 * SECRET_BYTES)
  both.set(secrets.initiator)
  both.set(secrets.responder, SECRET_BYTES)
  return createHmac('sha256', both).update('p2pshare punch 1').digest()
}

/** Makes and checks the probes of one attempt, as one of its ends. */
export class ProbeCodec {
  readonly #attempt: Uint8Array
  readonly #key: Uint8Array
  readonly #role: Role

  constructor(init: { readonly attempt: Uint8Array; readonly key: Uint8Array; readonly role: Role }) {
    this.#attempt = init.attempt
    this.#key = init.key
    this.#role = init.role
  }

  encode({ kind, index }: Probe): Uint8Array {
    const bytes = new Uint8Array(PROBE_BYTES)
    bytes.set(MAGIC)
    bytes.set(this.#attempt, MAGIC.byteLength)
    bytes[HEAD_BYTES - 3] = KINDS.indexOf(kind)
    bytes[HEAD_BYTES - 2] = roleByte(this.#role)
    bytes[HEAD_BYTES - 1] = index
    bytes.set(this.#mac(bytes), HEAD_BYTES)
    return bytes
  }

  /** Nothing, if it is not a probe of the other end in this attempt; its own ones, thrown back, are none. Never throws. */
  decode(bytes: Uint8Array): Probe | undefined {
    const kind = KINDS[bytes[HEAD_BYTES - 3] ?? KINDS.length]
    if (
      bytes.byteLength !== PROBE_BYTES ||
      kind === undefined ||
      !startsWith(bytes, MAGIC, 0) ||
      !startsWith(bytes, this.#attempt, MAGIC.byteLength) ||
      bytes[HEAD_BYTES - 2] === roleByte(this.#role) ||
      !timingSafeEqual(bytes.subarray(HEAD_BYTES), this.#mac(bytes))
    ) {
      return undefined
    }
    return { kind, index: bytes[HEAD_BYTES - 1] ?? 0 }
  }

  #mac(bytes: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#key).update(bytes.subarray(0, HEAD_BYTES)).digest().subarray(0, MAC_BYTES)
  }
}

function roleByte(role: Role): number {
  return role === 'initiator' ? 1 : 2
}

function startsWith(bytes: Uint8Array, what: Uint8Array, at: number): boolean {
  return what.every((byte, index) => bytes[at + index] === byte)
}

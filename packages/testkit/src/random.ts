import { InvalidOptionError } from '@p2pshare/interface'

/** Repeatable randomness for tests and simulations. Never for keys: `createTestnet` excepted, whose keys are public. */
export interface Random {
  readonly seed: string
  /** A whole number in `[0, 2^32)`. */
  uint32(): number
  /** A number in `[0, 1)` with 53 random bits. */
  float(): number
  /** A whole number in `[0, max)`, each equally likely; `max` from 1 to `2^32`. */
  int(max: number): number
  bytes(length: number): Uint8Array<ArrayBuffer>
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[]
  /** One of `items`; throws `InvalidOptionError` for an empty list. */
  pick<T>(items: readonly T[]): T
  /**
   * An independent generator named by this seed and `label`. It does not depend on how much was drawn here, so adding
   * a draw in one place of a test does not change the others.
   */
  fork(label: string | number): Random
}

/** The four 32-bit words of a generator; not all zero. */
export type RandomState = [number, number, number, number]

const UINT32 = 2 ** 32

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

/** Blackman and Vigna's xoshiro128** 1.1. Draws advance `state` in place. */
export function nextUint32(state: RandomState): number {
  const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0
  const shifted = state[1] << 9
  state[2] ^= state[0]
  state[3] ^= state[1]
  state[1] ^= state[2]
  state[0] ^= state[3]
  state[2] ^= shifted
  state[3] = rotateLeft(state[3], 11)
  return result
}

/** FNV-1a over the text's UTF-16 units, then murmur3's finalizer, which spreads each bit over the word. */
function hashWord(text: string, basis: number): number {
  let hash = basis
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function stateOf(seed: string): RandomState {
  const word = (index: number): number => hashWord(`${index}:${seed}`, 0x811c9dc5)
  // the last word is odd: the state that only yields zeros cannot come out of any seed
  return [word(0), word(1), word(2), word(3) | 1]
}

class SeededRandom implements Random {
  readonly seed: string
  readonly #state: RandomState

  constructor(seed: string) {
    this.seed = seed
    this.#state = stateOf(seed)
  }

  uint32(): number {
    return nextUint32(this.#state)
  }

  float(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  int(max: number): number {
    if (!Number.isInteger(max) || max < 1 || max > UINT32) {
      throw new InvalidOptionError('max', `a whole number from 1 to 2^32 is needed, not ${max}`)
    }
    // draws of the last, incomplete round of `max` would favour small results
    const fair = UINT32 - (UINT32 % max)
    let draw = this.uint32()
    while (draw >= fair) {
      draw = this.uint32()
    }
    return draw % max
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const view = new DataView(new ArrayBuffer(Math.ceil(length / 4) * 4))
    for (let offset = 0; offset < length; offset += 4) {
      view.setUint32(offset, this.uint32(), true)
    }
    return new Uint8Array(view.buffer, 0, length)
  }

  shuffle<T>(items: readonly T[]): T[] {
    const pool = [...items]
    const out: T[] = []
    while (pool.length > 0) {
      // swap the chosen one with the last and take it off: each order equally likely
      const index = this.int(pool.length)
      const last = pool.pop() as T
      out.push(index === pool.length ? last : (pool[index] as T))
      if (index < pool.length) {
        pool[index] = last
      }
    }
    return out
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) {
      throw new InvalidOptionError('items', 'nothing to pick from')
    }
    return items[this.int(items.length)] as T
  }

  fork(label: string | number): Random {
    return new SeededRandom(`${this.seed}/${label}`)
  }
}

/** A generator that draws the same for the same seed, on every machine and in every version. */
export function seededRandom(seed: string | number): Random {
  return new SeededRandom(String(seed))
}

/**
 * The seed of this run: the environment's `SEED`, or a new one. `repeatableSeed` of `@p2pshare/testkit/vitest` and
 * `/node-test` also prints it when a test fails.
 */
export function seedFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const given = env['SEED']?.trim()
  return given === undefined || given === ''
    ? Math.floor(Math.random() * UINT32)
        .toString(16)
        .padStart(8, '0')
    : given
}

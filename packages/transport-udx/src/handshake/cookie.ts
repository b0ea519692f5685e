import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DatagramAddress } from '@p2pshare/interface'
import { COOKIE_EPOCH_MS } from '../constants.ts'
import { COOKIE_BYTES } from '../wire/handshake.ts'
import type { Init } from '../wire/handshake.ts'

/**
 * What a listener gives who asks, instead of remembering it: who sends it back gets mail at its address. It names the
 * address, the nonce and the stream id, and is good for one or two epochs.
 */
export class Cookies {
  readonly #secret: Uint8Array

  /** `secret` is 32 random bytes that are told to nobody. */
  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  make(init: Init, from: DatagramAddress, now: number): Uint8Array {
    return this.#cookie(init, from, epochOf(now))
  }

  isValid(init: Init, from: DatagramAddress, now: number): boolean {
    const { cookie } = init
    const epoch = epochOf(now)
    return (
      cookie !== undefined &&
      [epoch, epoch - 1].some((candidate) => timingSafeEqual(cookie, this.#cookie(init, from, candidate)))
    )
  }

  #cookie({ nonce, id }: Init, { host, port }: DatagramAddress, epoch: number): Uint8Array {
    return createHmac('sha256', this.#secret)
      .update(`${host}|${port}|${id}|${epoch}|`)
      .update(nonce)
      .digest()
      .subarray(0, COOKIE_BYTES)
  }
}

function epochOf(now: number): number {
  return Math.floor(now / COOKIE_EPOCH_MS)
}

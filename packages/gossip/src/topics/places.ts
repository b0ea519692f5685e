import { MAX_ALL_SHARE_PEERS } from './constants.ts'

/** Places for peers, which all shares of this node have together: many shares must not add up to no bound. */
export class Places {
  #taken = 0

  /** False: none is left. */
  readonly take = (): boolean => {
    if (this.#taken >= MAX_ALL_SHARE_PEERS) {
      return false
    }
    this.#taken++
    return true
  }

  /** One of those that were taken is free again. */
  readonly giveBack = (): void => {
    this.#taken--
  }
}

import { getNetConfig, isNetworkAddress } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CONTACT_MEMORY_MS, MAX_CONTACTS } from './constants.ts'
import { isCircuit, isUdp } from './dial-back/target.ts'

/**
 * The hosts that this node sent datagrams to not long ago, and that a NAT therefore lets in. A dial of theirs that gets
 * through says nothing of what others can do.
 */
export class UdpContacts {
  readonly #lastAt = new Map<string, number>()

  /** Something was, or may have been, sent to `address`; addresses that are not of UDP are passed over. */
  note(address: Multiaddr, now: number): void {
    const host = hostOf(address)
    if (host === undefined || !isUdp(address)) {
      return
    }
    this.#lastAt.delete(host)
    this.#lastAt.set(host, now)
    const [oldest] = this.#lastAt.keys()
    if (this.#lastAt.size > MAX_CONTACTS && oldest !== undefined) {
      this.#lastAt.delete(oldest)
    }
  }

  /** Whether the host of `address` may still be let in, whatever the protocol of `address`. */
  has(address: Multiaddr, now: number): boolean {
    const host = hostOf(address)
    const at = host === undefined ? undefined : this.#lastAt.get(host)
    return at !== undefined && now - at < CONTACT_MEMORY_MS
  }

  clear(): void {
    this.#lastAt.clear()
  }
}

function hostOf(address: Multiaddr): string | undefined {
  return isCircuit(address) || !isNetworkAddress(address) ? undefined : getNetConfig(address).host
}

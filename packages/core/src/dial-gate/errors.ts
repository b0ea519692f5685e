import type { Multiaddr } from '@multiformats/multiaddr'
import { P2PShareError } from '@p2pshare/interface'
import type { RefusalReason } from './judge.ts'

/** An address is not dialled: somebody else gave it, and it does not lead to where peers are. */
export class DialRefusedError extends P2PShareError {
  static override readonly name = 'DialRefusedError'
  override readonly name = 'DialRefusedError'
  readonly code = 'ERR_DIAL_REFUSED'
  readonly fault = 'remote'
  override readonly advice =
    'if it is meant, name it yourself (--bootstrap), or allow its network (dialGate.allowNetworks, --allow-network)'
  readonly address: string
  readonly reason: RefusalReason

  constructor(address: Multiaddr, reason: RefusalReason) {
    super(`${address.toString()} is not dialled for others (${reason})`)
    this.address = address.toString()
    this.reason = reason
  }
}

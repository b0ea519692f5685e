import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * A connection gater that judges what a name turned out to stand for carries this method as `gater[resolvedGateSymbol]`.
 * libp2p's own question, `denyDialMultiaddr`, is asked before names are looked up, and knows nothing of who was meant.
 */
export const resolvedGateSymbol = Symbol.for('@p2pshare/resolved-gate')

/**
 * A transport that asks the gater about each address a name stands for, and dials just those it asked about, carries
 * `true` as `transport[asksAboutNamesSymbol]`. One without it looks names up where nobody sees the answer.
 */
export const asksAboutNamesSymbol = Symbol.for('@p2pshare/asks-about-names')

/** What a gater may be asked beside libp2p's questions. */
export interface ResolvedGate {
  /** Whether `found`, an IP address with its port, may not be dialled; `named` is the address that was to be dialled. */
  [resolvedGateSymbol](found: Multiaddr, named: Multiaddr): boolean | Promise<boolean>
}

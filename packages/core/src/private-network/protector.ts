import type { Libp2pInit } from 'libp2p'
import { loadNetworkKey } from './network-key.ts'

/** A network that only those with its key are in. */
export interface PrivateNetworkInit {
  /** File with the key, as `p2pshare network new` writes it (IPFS calls it `swarm.key`). Only its owner may read it. */
  readonly keyFile: string
}

/** What libp2p takes to put below the encryption of each connection. */
export type Protector = NonNullable<Libp2pInit['connectionProtector']>

/** Throws `NetworkKeyPermissionsError` or `InvalidNetworkKeyError`: a node that cannot be private does not start. */
export async function openProtector({ keyFile }: PrivateNetworkInit): Promise<Protector> {
  const [{ file }, { preSharedKey }] = await Promise.all([loadNetworkKey(keyFile), import('@libp2p/pnet')])
  return preSharedKey({ psk: file })
}

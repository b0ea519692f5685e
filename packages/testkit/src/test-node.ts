import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PeerId, Ed25519PrivateKey, Libp2p, ServiceMap } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { plaintext } from '@libp2p/plaintext'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { Libp2pOptions, ServiceFactoryMap } from 'libp2p'
import { nextMemoryAddress } from './memory-address.ts'
import type { Random } from './random.ts'

/** Length of the seed of an Ed25519 key. */
const KEY_SEED_BYTES = 32

/** A key that depends on the generator's seed alone. Its secret is as public as the seed: for tests only. */
export async function seededKey(random: Random): Promise<Ed25519PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', random.fork('key').bytes(KEY_SEED_BYTES))
}

/** The peer id of `seededKey(random)`. */
export async function seededPeerId(random: Random): Promise<Ed25519PeerId> {
  return peerIdFromPrivateKey(await seededKey(random))
}

/** A started node that others in this process can reach in memory. */
export async function createTestNode<T extends ServiceMap>(
  { random }: { readonly random: Random },
  services: ServiceFactoryMap<T>,
  options: Omit<Libp2pOptions, 'services' | 'privateKey'>
): Promise<Libp2p<T>> {
  return createLibp2p<T>({
    addresses: { listen: [nextMemoryAddress()] },
    transports: [memory()],
    connectionEncrypters: [plaintext()],
    streamMuxers: [yamux()],
    // its pings are traffic, and its time-outs depend on the load of the machine
    connectionMonitor: { enabled: false },
    ...options,
    privateKey: await seededKey(random),
    services
  })
}

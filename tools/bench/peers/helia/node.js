// A Helia node with UnixFS and Bitswap over tcp + noise + yamux, blocks on disk.
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { FsBlockstore } from 'blockstore-fs'
import { createHeliaLight } from 'helia'

export async function startHelia(directory) {
  const libp2p = {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    peerDiscovery: [],
    connectionGater: { denyDialMultiaddr: () => false }
  }
  const light = createHeliaLight({ blockstore: new FsBlockstore(directory) })
  const helia = await withBitswap(withLibp2pLight(light, libp2p)).start()
  return { helia, fs: unixfs(helia), address: helia.libp2p.getMultiaddrs()[0].toString() }
}

// @p2pshare/dht alone, in plain js-libp2p nodes: who has content `abc`?
// Run: npm run build && npm run example -w examples/one-package-dht
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { dht } from '@p2pshare/dht'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

async function createPeer() {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping(), dht: dht() }
  })
}

const [bootstrap, provider, seeker] = await Promise.all([createPeer(), createPeer(), createPeer()])
await provider.dial(bootstrap.getMultiaddrs())
await seeker.dial(bootstrap.getMultiaddrs())

const cid = CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode('abc')))
await provider.services.dht.provide(cid)

for await (const found of seeker.services.dht.findProviders(cid, { signal: AbortSignal.timeout(20_000) })) {
  console.log('found the provider:', found.id.equals(provider.peerId))
  break
}

await Promise.all([bootstrap.stop(), provider.stop(), seeker.stop()])

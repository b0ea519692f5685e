// A js-libp2p node that listens: tcp, noise, yamux, identify; with `--full` also ping, a DHT and gossipsub.
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const more = process.argv.includes('--full') ? await moreServices() : {}
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ...more }
})
process.once('SIGTERM', () => {
  void (async () => {
    await node.stop()
    process.exit(0)
  })()
})
console.log('READY', node.getMultiaddrs()[0]?.toString())

async function moreServices() {
  const [{ ping }, { kadDHT, passthroughMapper }, { gossipsub }] = await Promise.all([
    import('@libp2p/ping'),
    import('@libp2p/kad-dht'),
    import('@libp2p/gossipsub')
  ])
  const dht = kadDHT({ protocol: '/bench/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
  return { ping: ping(), dht, gossip: gossipsub() }
}

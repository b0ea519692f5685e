import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { transportCompliance } from '@p2pshare/testkit/vitest'
import { UDX, udx } from '../../src/index.ts'

const common = { transports: [udx()], connectionEncrypters: [noise()], streamMuxers: [yamux()] }

await transportCompliance({
  async setup() {
    return {
      dialer: common,
      listener: { ...common, addresses: { listen: ['/ip4/127.0.0.1/udp/0/utp', '/ip4/127.0.0.1/udp/0/utp'] } },
      dialMultiaddrMatcher: UDX,
      listenMultiaddrMatcher: UDX
    }
  },
  async teardown() {}
})

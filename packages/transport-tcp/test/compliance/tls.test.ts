import { yamux } from '@libp2p/yamux'
import { TCP } from '@multiformats/multiaddr-matcher'
import { transportCompliance } from '@p2pshare/testkit/vitest'
import { tcp, tls } from '../../src/index.ts'

const common = { transports: [tcp()], connectionEncrypters: [tls()], streamMuxers: [yamux()] }

await transportCompliance({
  async setup() {
    return {
      dialer: common,
      listener: { ...common, addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] } },
      dialMultiaddrMatcher: TCP,
      listenMultiaddrMatcher: TCP
    }
  },
  async teardown() {}
})

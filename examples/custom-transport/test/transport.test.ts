import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { Memory } from '@multiformats/multiaddr-matcher'
import { checkLeaks, transportCompliance } from '@p2pshare/testkit/vitest'
import { ports } from '../src/ports.ts'
import { Switchboard } from '../src/switchboard.ts'

// a port that nobody closes keeps the process alive
checkLeaks()

await transportCompliance({
  async setup() {
    const common = {
      transports: [ports(new Switchboard())],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    }
    return {
      dialer: common,
      listener: { ...common, addresses: { listen: ['/memory/first', '/memory/second'] } },
      dialMultiaddrMatcher: Memory,
      listenMultiaddrMatcher: Memory
    }
  },
  async teardown() {}
})

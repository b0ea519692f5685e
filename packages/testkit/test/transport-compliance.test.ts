import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { Memory, TCP } from '@multiformats/multiaddr-matcher'
import { describe } from 'vitest'
import { transportCompliance } from '../src/vitest.ts'

describe('@libp2p/tcp', async () => {
  await transportCompliance({
    async setup() {
      const common = { transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] }
      return {
        dialer: common,
        listener: { ...common, addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] } },
        dialMultiaddrMatcher: TCP,
        listenMultiaddrMatcher: TCP
      }
    },
    async teardown() {}
  })
})

describe('@libp2p/memory', async () => {
  await transportCompliance({
    async setup() {
      return {
        dialer: { transports: [memory()] },
        listener: {
          transports: [memory()],
          addresses: { listen: ['/memory/compliance-a', '/memory/compliance-b'] }
        },
        dialMultiaddrMatcher: Memory,
        listenMultiaddrMatcher: Memory
      }
    },
    async teardown() {}
  })
})

import { memory } from '@libp2p/memory'
import { Memory } from '@multiformats/multiaddr-matcher'
import { faultyTransport } from '../../src/faults/transport.ts'
import { nextMemoryAddress } from '../../src/memory-address.ts'
import { bindSuites } from '../../src/bind-suites.ts'
import { vitestRunner } from '../../src/runner/vitest.ts'

// two thousand echoes say nothing about the wrapper that one does not, and take half of the suite's time
const { transportCompliance } = bindSuites({
  ...vitestRunner,
  it: (name, body, options) => {
    if (name !== 'should handle many small writes') {
      vitestRunner.it(name, body, options)
    }
  }
})

// with nothing in the plan, the wrapper has to be as good a transport as the one inside
const transports = [faultyTransport(memory(), {})]

await transportCompliance({
  async setup() {
    return {
      dialer: { transports },
      listener: { transports, addresses: { listen: [nextMemoryAddress(), nextMemoryAddress()] } },
      dialMultiaddrMatcher: Memory,
      listenMultiaddrMatcher: Memory
    }
  },
  async teardown() {}
})

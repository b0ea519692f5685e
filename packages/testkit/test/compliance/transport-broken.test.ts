import { memory } from '@libp2p/memory'
import { Memory } from '@multiformats/multiaddr-matcher'
import { expect, test } from 'vitest'
import { transportCompliance } from '../../src/compliance/transport.ts'
import { faultyTransport } from '../../src/faults/transport.ts'
import { nextMemoryAddress } from '../../src/memory-address.ts'
import { collect, failures } from '../helpers/collect.ts'

test('the suite catches a transport that loses its connections during the handshake', async () => {
  const transports = [faultyTransport(memory(), { outgoing: [{ type: 'cut', afterBytes: 60 }] })]
  const results = await collect(async (runner) =>
    transportCompliance(runner, {
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
  )
  expect(results).toHaveLength(15)
  // the others need no connection
  expect(failures(results)).toHaveLength(10)
  expect(failures(results)).toContain('should handle one big write')
})

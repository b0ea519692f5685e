import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tcp as stockTcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'
import { defaultTransports } from '../../src/index.ts'
import type { P2PShareNode } from '../../src/index.ts'
import { startNode } from '../nodes.ts'
import { PEER } from './generate.ts'

/** A service of this machine that is nobody's peer, and how often somebody came. */
async function localService(): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0
  const server = createServer((socket) => {
    visits += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, visits: () => visits }
}

/** A node that has named nothing on this machine. */
const stranger = async (options = {}): Promise<P2PShareNode> => startNode({ listen: [], ...options })

/** Every way in which code of a node dials an address. */
async function dialAllWays(node: P2PShareNode, address: Multiaddr): Promise<unknown[]> {
  const { transportManager } = (node.libp2p as unknown as { components: Components }).components
  const { signal } = new AbortController()
  const ways = [node.libp2p.dial(address, { signal }), transportManager.dial(address, { signal })]
  return (await Promise.allSettled(ways)).map(
    (way) => (way.status === 'rejected' ? way.reason : 'connected') as unknown
  )
}

interface Components {
  readonly transportManager: { dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<unknown> }
}

test.each([
  ['its address', (port: number) => `/ip4/127.0.0.1/tcp/${port}/p2p/${PEER}`],
  ['a name for it', (port: number) => `/dns4/localhost/tcp/${port}/p2p/${PEER}`],
  ['an address in other clothes', (port: number) => `/ip6/::ffff:127.0.0.1/tcp/${port}`]
])('nobody sends a node to a service of its machine by %s', async (_, write) => {
  const { port, visits } = await localService()
  const failures = await dialAllWays(await stranger(), multiaddr(write(port)))
  expect(failures).not.toContain('connected')
  expect(visits()).toBe(0)
})

test('a transport that looks names up by itself is given none', async () => {
  const { port, visits } = await localService()
  const node = await stranger({ transports: [stockTcp()] })
  const failures = await dialAllWays(node, multiaddr(`/dns4/localhost/tcp/${port}`))
  expect(failures).toMatchObject([{ code: 'ERR_DIAL_REFUSED' }, { code: 'ERR_DIAL_REFUSED' }])
  expect(visits()).toBe(0)
})

test('what is refused is counted, and the gate can be left out', async () => {
  const { port, visits } = await localService()
  const address = multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${PEER}`)
  const node = await stranger()
  await dialAllWays(node, address)
  expect(node.services.dialGate?.refused).toEqual({ loopback: 2 })
  const open = await stranger({ dialGate: false })
  await dialAllWays(open, address)
  expect(visits()).toBe(2)
})

test('the gater of the user is asked as well', async () => {
  const asked: string[] = []
  const seed = await startNode()
  const node = await startNode({
    bootstrap: seed.addresses(),
    connectionGater: {
      denyDialMultiaddr: (address) => {
        asked.push(address.toString())
        return false
      }
    }
  })
  await node.services.bootstrap.tried()
  expect(asked).toContain(seed.addresses()[0])
})

test('a node that is told of a peer on this machine finds it, and those it names', async () => {
  const seed = await startNode({ transports: defaultTransports() })
  const node = await startNode({ listen: [], bootstrap: seed.addresses() })
  const other = await startNode({ bootstrap: seed.addresses() })
  await node.services.bootstrap.tried()
  await expect(node.libp2p.dial(other.addresses().map((text) => multiaddr(text)))).resolves.toBeDefined()
})

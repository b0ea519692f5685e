import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { tcp } from '@libp2p/tcp'
import { afterEach, expect, test } from 'vitest'
import { createTestnet } from '@p2pshare/testkit'
import type { Testnet } from '@p2pshare/testkit'
import type { ServiceFactoryMap } from 'libp2p'
import { MEMBERSHIP, alive, createNet, onTcp, seenBy, stopNet, until } from '../support/network.ts'
import type { Net, Node } from '../support/network.ts'

let net: Net
let relays: Testnet
afterEach(async () => {
  await stopNet(net)
  await relays.stop()
})

/** Node 0 is reached through the relay only, node 1 dials it there; the relay is no member. */
async function behindRelay(): Promise<[Node, Node]> {
  relays = await createTestnet({
    nodes: 1,
    seed: 'relay',
    libp2p: onTcp,
    services: (): ServiceFactoryMap => ({ relay: circuitRelayServer() })
  })
  const [address] = relays.node(0).getMultiaddrs()
  net = await createNet([{}, {}], 'none', ({ index }) => ({
    addresses: { listen: [index === 0 ? `${address?.toString() ?? ''}/p2p-circuit` : '/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp(), circuitRelayTransport()]
  }))
  const [hidden, other] = [net.node(0), net.node(1)]
  await until(() => hidden.getMultiaddrs().length > 0)
  await other.dial(hidden.getMultiaddrs())
  return [hidden, other]
}

const linkOf = (node: Node, other: Node): { isLimited: boolean }[] =>
  node
    .getConnections(other.peerId)
    .flatMap(({ streams, limits }) =>
      streams
        .filter(({ protocol, status }) => protocol === MEMBERSHIP && status === 'open')
        .map(() => ({ isLimited: limits !== undefined }))
    )

test('members behind a relay are members, and its address is told', async () => {
  const [hidden, other] = await behindRelay()
  await until(() => alive(hidden).length === 1 && alive(other).length === 1)
  expect(linkOf(other, hidden)).toEqual([{ isLimited: true }])
  await until(
    () =>
      seenBy(other, hidden)?.metadata?.addresses.some((address) => address.toString().includes('p2p-circuit')) === true
  )
  await hidden.stop()
  await until(() => seenBy(other, hidden)?.state === 'left')
})

test('a link moves to a direct connection as soon as there is one, and the relayed one is left', async () => {
  const [hidden, other] = await behindRelay()
  await until(() => alive(hidden).length === 1 && alive(other).length === 1)
  await hidden.dial(other.getMultiaddrs(), { force: true })
  const isMoved = (node: Node, peer: Node): boolean => {
    const links = linkOf(node, peer)
    return links.length === 1 && links[0]?.isLimited === false
  }
  await until(() => isMoved(hidden, other) && isMoved(other, hidden))
  hidden.services.gossip.setMetadata({ load: 3 })
  await until(() => seenBy(other, hidden)?.metadata?.load === 3)
})

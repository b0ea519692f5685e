import { afterEach, expect, test } from 'vitest'
import { collect, createNet, stopNet, until } from '../support/network.ts'
import type { Net } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

let net: Net

afterEach(async () => stopNet(net))

test('a contact that a lookup could not reach is dialled where it says itself that it is, and stays', async () => {
  const denied = new Map<string, boolean>()
  net = await createNet([{}, {}, {}, {}], 'none', ({ index }) =>
    index > 0
      ? {}
      : {
          connectionGater: {
            // each address of the lost one fails once
            denyDialMultiaddr: (address) => {
              const isFirst = denied.get(address.toString()) === false
              denied.set(address.toString(), true)
              return isFirst
            }
          }
        }
  )
  const [finder, lost, ...others] = [net.node(0), net.node(1), net.node(2), net.node(3)]
  for (const other of [lost, ...others]) {
    await net.connect(finder, other)
  }
  const isThere = (): boolean => finder.services.dht.table().some(({ id }) => id.equals(lost.peerId))
  await until(() => finder.services.dht.tableSize() === 3)
  const { addresses } = await finder.peerStore.get(lost.peerId)
  expect(addresses.some(({ isCertified }) => isCertified)).toBe(true)
  addresses.forEach(({ multiaddr }) => denied.set(`${multiaddr.toString()}/p2p/${lost.peerId.toString()}`, false))
  await finder.hangUp(lost.peerId)

  await collect(finder.services.dht.findProviders(rootOf(1)))
  expect([...denied.values()]).toContain(true)
  await until(() => finder.getConnections(lost.peerId).length > 0)
  expect(isThere()).toBe(true)
})

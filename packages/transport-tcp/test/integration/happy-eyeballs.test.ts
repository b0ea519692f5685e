import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, test } from 'vitest'
import { tcp } from '../../src/index.ts'
import { blackHole } from '../support/black-hole.ts'
import { addressOf, cleanUpNodes, createNode, portOf } from '../support/nodes.ts'
import { closedPort } from '../support/sockets.ts'

checkLeaks()
cleanUpNodes()

/** Long enough that a dial that tried one address after the other would not end within the test. */
const PATIENT = { dialTimeout: 600_000, addressDialTimeout: 600_000 }

describe.runIf(process.platform === 'linux')('a peer one of whose addresses does not answer', () => {
  test('is reached at another that was given with it', async () => {
    await using hole = await blackHole()
    const listener = await createNode()
    const dialer = await createNode({ connectionManager: PATIENT, transports: [tcp({ attemptDelayMs: 10 })] })
    const connection = await dialer.dial([addressOf(hole.port, listener.peerId), ...listener.getMultiaddrs()])
    expect(connection.remoteAddr.toString()).toBe(addressOf(portOf(listener), listener.peerId).toString())
    expect(connection.remotePeer.equals(listener.peerId)).toBe(true)
  })

  test('is reached at another that the peer store has', async () => {
    await using hole = await blackHole()
    const listener = await createNode()
    const dialer = await createNode({ connectionManager: PATIENT, transports: [tcp({ attemptDelayMs: 10 })] })
    await dialer.peerStore.merge(listener.peerId, { multiaddrs: [addressOf(hole.port), addressOf(portOf(listener))] })
    const connection = await dialer.dial(listener.peerId)
    expect(connection.remoteAddr.toString()).toBe(addressOf(portOf(listener), listener.peerId).toString())
  })

  test('is not reached at another when only that one was asked for: who asks may want to know whether it answers', async () => {
    await using hole = await blackHole()
    const listener = await createNode()
    const dialer = await createNode({ transports: [tcp({ attemptDelayMs: 1 })] })
    await dialer.peerStore.merge(listener.peerId, { multiaddrs: [addressOf(hole.port), addressOf(portOf(listener))] })
    // libp2p asks about all of them first
    expect(await dialer.isDialable(listener.getMultiaddrs())).toBe(true)
    const dialling = dialer.dial(addressOf(hole.port, listener.peerId), { signal: AbortSignal.timeout(50) })
    await expect(dialling).rejects.toThrow()
    expect(dialer.getConnections()).toEqual([])
  })
})

test('a peer behind one of whose addresses somebody else sits is reached at the other', async () => {
  const [stranger, listener] = await Promise.all([createNode(), createNode()])
  const dialer = await createNode({ connectionManager: PATIENT })
  const connection = await dialer.dial([addressOf(portOf(stranger), listener.peerId), ...listener.getMultiaddrs()])
  expect(connection.remotePeer.equals(listener.peerId)).toBe(true)
  expect(dialer.getConnections()).toHaveLength(1)
})

test('when no address answers, the dial fails with the reasons', async () => {
  const peer = (await createNode()).peerId
  const dialer = await createNode()
  const addresses = [addressOf(await closedPort(), peer), addressOf(await closedPort(), peer)]
  await expect(dialer.dial(addresses)).rejects.toMatchObject({
    message: expect.stringMatching(/ECONNREFUSED|failed/) as string
  })
})

test('both of two that dial each other at the same time are connected', async () => {
  const [a, b] = await Promise.all([createNode(), createNode()])
  await Promise.all([a.dial(b.getMultiaddrs()), b.dial(a.getMultiaddrs())])
  expect(a.getConnections(b.peerId).length).toBeGreaterThan(0)
  expect(b.getConnections(a.peerId).length).toBeGreaterThan(0)
})

import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeBulkChannels } from '../support/fake-bulk-channels.ts'
import type { TestNode } from './harness.ts'
import { ForcedPaths, lanesOn, MoveNodes, shared } from './move-nodes.ts'
import type { Tap } from './tap.ts'

const MIB = 1024 * 1024
const RATE = 16 * MIB
/** While something is done in the middle of a transfer, which must not end before it. */
const MEANWHILE = MIB / 4
const SWITCHES = 50

let nodes = new MoveNodes()
const opened: FakeBulkChannels[] = []
afterEach(async () => {
  await nodes.stop()
  nodes = new MoveNodes()
  await Promise.all(opened.splice(0).map(async (channels) => channels.close()))
})

async function channels(): Promise<FakeBulkChannels> {
  const made = await FakeBulkChannels.listen()
  opened.push(made)
  return made
}

/** A direct connection through a tap. */
async function direct(from: TestNode, to: TestNode, index = 0): Promise<{ connection: Connection; tap: Tap }> {
  const address = to.getMultiaddrs().filter((one) => !isCircuit(one))[index]
  if (address === undefined) {
    throw new TypeError('the node does not listen there')
  }
  const tapped = await nodes.tapped(address, to.peerId)
  return { tap: tapped.tap, connection: await from.dial(tapped.address, { force: true }) }
}

function isCircuit(address: Multiaddr): boolean {
  return String(address).includes('p2p-circuit')
}

/** A seeder that can be reached over a relay, and how, through a tap. */
async function relayed({ isDirect = true, dataLimit, ...init }: RelayedInit = {}) {
  const relay = await nodes.relay(dataLimit)
  const listen = [...(isDirect ? ['/ip4/127.0.0.1/tcp/0'] : []), `${String(relay)}/p2p-circuit`]
  const seeder = await nodes.node({ listen, uploadBytesPerSecond: RATE, ...init })
  await expect.poll(() => seeder.getMultiaddrs().some(isCircuit)).toBe(true)
  const { tap, address } = await nodes.tapped(relay, seeder.peerId)
  return { seeder, tap, circuit: multiaddr(`${String(address)}/p2p-circuit/p2p/${seeder.peerId.toString()}`) }
}

interface RelayedInit {
  readonly isDirect?: boolean
  readonly dataLimit?: bigint
  readonly channels?: FakeBulkChannels
}

/** Does something once, when so much is done; the seeder is slow until it was done. */
function once(
  seeder: TestNode,
  at: number,
  act: () => Promise<void>,
  meanwhile = MEANWHILE
): { at(done: number): void; acted: Promise<void> } {
  const setRate = (uploadBytesPerSecond: number) => seeder.services.transfer.setLimits({ uploadBytesPerSecond })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isDue = true
  return {
    acted: promise,
    at: (done) => {
      if (isDue && done >= at) {
        isDue = false
        setRate(meanwhile)
        act()
          .finally(() => setRate(RATE))
          .then(resolve, reject)
      }
    }
  }
}

describe('a transfer that is moved', { timeout: 60_000 }, () => {
  test(`${SWITCHES} times between two connections loses nothing and gets nothing twice`, async () => {
    // slowly, until all switches were made
    const seeder = await nodes.node({ uploadBytesPerSecond: 5 * MIB })
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths })
    const [{ connection: a }, { connection: b }] = [await direct(leecher, seeder), await direct(leecher, seeder, 1)]
    paths.force(a)
    const { get } = await shared(nodes, seeder, 48 * MIB)
    let switches = 0
    const timer = setInterval(() => {
      const [to, from] = switches % 2 === 0 ? [b, a] : [a, b]
      if (switches < SWITCHES && lanesOn(from) > 0) {
        switches++
        paths.force(to)
      } else if (switches === SWITCHES) {
        seeder.services.transfer.setLimits({ uploadBytesPerSecond: RATE })
      }
    }, 20)
    const { wire } = await get(leecher)
    clearInterval(timer)
    expect(switches).toBe(SWITCHES)
    expect(wire).toBeLessThan(1.02)
  })

  test('from a relay to a direct connection leaves the relay, and opens a bulk channel', async () => {
    const [here, there] = [await channels(), await channels()]
    const { seeder, circuit } = await relayed({ channels: there })
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths, channels: here })
    const relay = await leecher.dial(circuit)
    expect(relay.limits).toBeDefined()
    paths.force(relay)
    const { get } = await shared(nodes, seeder, 48 * MIB)
    const { at, acted } = once(seeder, 4 * MIB, async () => {
      expect(lanesOn(relay)).toBe(2)
      expect(here.opened).toBe(0)
      const { connection } = await direct(leecher, seeder)
      paths.force(connection)
    })
    await get(leecher, at)
    await acted
    expect(here.opened).toBe(1)
    expect(lanesOn(relay)).toBe(0)
    expect(relay.status).toBe('open')
  })

  test('from a direct connection to a relay ends the bulk channel, and loses nothing of it', async () => {
    const [here, there] = [await channels(), await channels()]
    const { seeder, circuit } = await relayed({ channels: there })
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths, channels: here })
    const relay = await leecher.dial(circuit)
    const { connection } = await direct(leecher, seeder)
    paths.force(connection)
    const { get } = await shared(nodes, seeder, 32 * MIB)
    const { at, acted } = once(seeder, 16 * MIB, async () => {
      await expect.poll(() => here.opened).toBe(1)
      paths.force(relay)
      await expect.poll(() => here.open_.length).toBe(0)
      expect(lanesOn(relay)).toBe(2)
    })
    await get(leecher, at)
    await acted
    expect(here.opened).toBe(1)
  })

  test('falls back to the relay when the direct connection is aborted in the middle of a leaf', async () => {
    const { seeder, circuit } = await relayed()
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths })
    const relay = await leecher.dial(circuit)
    const { connection } = await direct(leecher, seeder)
    paths.force(relay)
    paths.force(connection)
    const { get } = await shared(nodes, seeder, 16 * MIB)
    const { at, acted } = once(seeder, 4 * MIB, async () => {
      connection.abort(new DOMException('cut by the test', 'AbortError'))
      await expect.poll(() => lanesOn(relay)).toBe(2)
    })
    await get(leecher, at)
    await acted
  })

  test('gets what a path that went silent swallowed, over the one it is moved to', async () => {
    const { seeder, circuit } = await relayed()
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths })
    const relay = await leecher.dial(circuit)
    const { connection, tap } = await direct(leecher, seeder)
    paths.force(connection)
    const { get } = await shared(nodes, seeder, 16 * MIB)
    const { at, acted } = once(seeder, 4 * MIB, async () => {
      tap.stall()
      paths.force(relay)
      await expect.poll(() => lanesOn(relay)).toBe(2)
    })
    await get(leecher, at)
    await acted
    expect(connection.status, 'nobody closed it').toBe('open')
  })

  test('goes on over a new circuit each time the relay cuts the one before', async () => {
    const { seeder, circuit } = await relayed({ isDirect: false, dataLimit: BigInt(6 * MIB) })
    const leecher = await nodes.node()
    const relay = await leecher.dial(circuit)
    expect(relay.limits).toBeDefined()
    const { get } = await shared(nodes, seeder, 16 * MIB)
    await get(leecher)
    expect(relay.status).not.toBe('open')
  })

  test('goes on over the direct connection that is open when the relay cuts the one it was on', async () => {
    const { seeder, circuit } = await relayed({ dataLimit: BigInt(6 * MIB) })
    const paths = new ForcedPaths()
    const leecher = await nodes.node({ paths })
    const relay = await leecher.dial(circuit)
    const { connection } = await direct(leecher, seeder)
    paths.force(connection)
    paths.force(relay)
    const { get } = await shared(nodes, seeder, 16 * MIB)
    const untilCut = async (): Promise<void> => {
      await expect.poll(() => relay.status).not.toBe('open')
      await expect.poll(() => lanesOn(connection)).toBe(2)
    }
    const { at, acted } = once(seeder, 1, untilCut, 2 * MIB)
    // as one session, which it would not be if it had been given up
    await get(leecher, at)
    await acted
  })

  test('needs nobody who ranks connections to leave a relay', async () => {
    const { seeder, circuit } = await relayed({ isDirect: false })
    const leecher = await nodes.node()
    const relay = await leecher.dial(circuit)
    const { get } = await shared(nodes, seeder, 16 * MIB)
    const { at, acted } = once(seeder, 4 * MIB, async () => {
      const [address = circuit] = leecher.getMultiaddrs()
      const connection = await seeder.dial(address, { force: true })
      expect(connection.limits).toBeUndefined()
      await expect.poll(() => lanesOn(connection)).toBe(2)
    })
    await get(leecher, at)
    await acted
    expect(lanesOn(relay)).toBe(0)
  })
})

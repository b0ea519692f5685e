import type { Connection, Libp2p } from '@libp2p/interface'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import type { UdxInit } from '../../src/index.ts'
import { MOVE_PROTOCOL } from '../../src/path/exchange.ts'
import { TYPE, TYPE_OFFSET, hasMagic } from '../../src/wire/magic.ts'
import { PATH_MESSAGE_BYTES } from '../../src/wire/path.ts'
import { bindSocket, cleanUpDatagrams, createRouter } from '../support/datagrams.ts'
import type { Router } from '../support/datagrams.ts'
import { addressOf, cleanUpNodes, createNode, drained, echoed, portOf, until } from '../support/nodes.ts'

checkLeaks()
cleanUpDatagrams()
cleanUpNodes()

const random = seededRandom('udx-path')

/** Alice behind a router, connected with bob. */
async function behindRouter(
  init: UdxInit
): Promise<{ alice: Libp2p; bob: Libp2p; router: Router; connection: Connection; inbound: Connection }> {
  const alice = await createNode(init)
  const bob = await createNode(init)
  const router = await createRouter(portOf(bob))
  const connection = await alice.dial(addressOf(router.port, bob.peerId))
  await until(() => bob.getConnections().length === 1)
  const [inbound] = bob.getConnections()
  if (inbound === undefined) {
    throw new TypeError('bob has no connection')
  }
  // the keys are agreed on beside what the test does
  const hasMoved = (side: Connection): boolean => side.streams.every(({ protocol }) => protocol !== MOVE_PROTOCOL)
  await until(() => router.passed > 12 && hasMoved(connection) && hasMoved(inbound))
  return { alice, bob, router, connection, inbound }
}

async function endOf(connection: Connection): Promise<Error | undefined> {
  return new Promise((resolve) => {
    connection.addEventListener('close', (event) => {
      resolve('error' in event && event.error instanceof Error ? event.error : undefined)
    })
  })
}

test('a connection outlives a router that forgets it in the middle of a transfer, twice', async () => {
  const { router, connection, bob, alice } = await behindRouter({ probeIntervalMs: 40, maxMissedProbes: 200 })
  const data = random.bytes(4 * 1024 * 1024)
  const transfer = echoed(connection, data)
  for (let times = 0; times < 2; times++) {
    const { passed } = router
    await until(() => router.passed > passed + 500)
    await router.rebind()
  }
  expect((await transfer).equals(data)).toBe(true)
  expect(connection.status).toBe('open')
  expect(alice.getConnections()).toEqual([connection])
  expect(bob.getConnections()).toHaveLength(1)
})

test('an idle connection is found again behind a new port before anybody needs it', async () => {
  const { router, connection, inbound } = await behindRouter({ probeIntervalMs: 30, idleProbeIntervalMs: 60 })
  await router.rebind()
  const { passed } = router
  await until(() => router.passed > passed + 4)
  // bob, which would send to the old port, begins
  const data = random.bytes(10_000)
  expect((await echoed(inbound, data)).equals(data)).toBe(true)
  expect(connection.status).toBe('open')
})

test('a black hole under a busy connection ends it at both ends with an error that says so', async () => {
  const { router, connection, inbound } = await behindRouter({ probeIntervalMs: 40 })
  const ends = Promise.all([endOf(connection), endOf(inbound)])
  const stream = await connection.newStream('/test/echo/1.0.0')
  const pouring = (async () => {
    while (stream.status === 'open') {
      if (!stream.send(random.bytes(64 * 1024))) {
        await drained(stream)
      }
    }
  })()
  const { passed } = router
  await until(() => router.passed > passed + 50)
  router.isUp = false
  expect((await ends).map((error) => error?.name)).toEqual(['PathLostError', 'PathLostError'])
  await pouring.catch(() => undefined)
})

test('a black hole under an idle connection is noticed too', async () => {
  const { router, connection, inbound } = await behindRouter({ probeIntervalMs: 20, idleProbeIntervalMs: 40 })
  router.isUp = false
  const ends = await Promise.all([endOf(connection), endOf(inbound)])
  expect(ends.map((error) => error?.name)).toEqual(['PathLostError', 'PathLostError'])
})

test('a connection without a byte for too long is given up', async () => {
  const { connection, inbound } = await behindRouter({ probeIntervalMs: 20, inactivityTimeoutMs: 200 })
  const ends = await Promise.all([endOf(connection), endOf(inbound)])
  // who is first tells the other
  expect(ends.map((error) => error?.name)).toContain('DeadlineError')
})

test('who replays or alters path messages moves nothing, and gets no answer', async () => {
  const init = { probeIntervalMs: 20, idleProbeIntervalMs: 20 }
  const alice = await createNode(init)
  const bob = await createNode(init)
  const router = await createRouter(portOf(bob))
  const seen: Buffer[] = []
  router.onForward = (bytes) => {
    if (hasMagic(bytes) && bytes.length === PATH_MESSAGE_BYTES) {
      seen.push(Buffer.from(bytes))
    }
  }
  const connection = await alice.dial(addressOf(router.port, bob.peerId))
  await until(() => seen.some((bytes) => bytes[TYPE_OFFSET] === TYPE.PROBE) && seen.length > 5)
  const attacker = await bindSocket()
  let answers = 0
  attacker.on('message', () => answers++)
  for (const bytes of [...seen]) {
    attacker.send(bytes, portOf(bob), '127.0.0.1')
    for (let at = 5; at < bytes.length; at += 6) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      attacker.send(altered, portOf(bob), '127.0.0.1')
    }
  }
  const data = random.bytes(200_000)
  expect((await echoed(connection, data)).equals(data)).toBe(true)
  expect(answers).toBe(0)
})

test('a peer that does not agree on keys is connected all the same', async () => {
  const alice = await createNode()
  const bob = await createNode()
  await bob.unhandle(MOVE_PROTOCOL)
  const connection = await alice.dial(bob.getMultiaddrs())
  const data = random.bytes(100_000)
  expect((await echoed(connection, data)).equals(data)).toBe(true)
})

test('a second exchange of keys on one connection is refused', async () => {
  const { connection } = await behindRouter({})
  const stream = await connection.newStream(MOVE_PROTOCOL)
  try {
    stream.send(random.bytes(32))
  } catch {
    // it was refused sooner
  }
  await until(() => stream.status === 'reset')
  expect(connection.status).toBe('open')
})

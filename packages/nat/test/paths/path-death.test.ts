import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'
import { ECHO, until } from '../support/network.ts'
import { trio } from '../support/managed.ts'

const stops: Array<() => unknown> = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop()
  }
})

interface Road {
  readonly port: number
  /** From now on nothing passes, and nobody is told. */
  block(): unknown
}

/** A TCP port that passes bytes on to another, as a router does that may go away. */
async function road(to: number): Promise<Road> {
  const sockets = new Set<Socket>()
  let blocked = false
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const [from, other] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes) => blocked || other.write(bytes))
      from.on('close', () => blocked || other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(async () => {
    sockets.forEach((socket) => socket.destroy())
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, block: () => (blocked = true) }
}

test('a path that goes dead without a word: bytes take the relay, it is cut, and a new direct path is asked for', async () => {
  let punches = 0
  const quick = { tickMs: 20, probeIntervalMs: 300, recentDataMs: 60_000 }
  const { a, b, directly, direct } = await trio(stops, {
    ...quick,
    punchNow: async () => {
      punches += 1
      // what a punch comes to: a direct connection over another road
      await direct()
    }
  })
  const [address] = directly()
  const { port, block } = await road(Number(address!.getComponents().find(({ name }) => name === 'tcp')?.value))
  const first = await a.node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${b.node.peerId.toString()}`), {
    force: true
  })
  await until(() => a.paths.best(b.node.peerId)?.id === first.id)
  const stream = await first.newStream(ECHO)
  stream.send(new Uint8Array(100))
  await until(() => a.paths.links(b.node.peerId)[0]?.busy === true)
  block()
  await until(() => first.status !== 'open')
  await until(() => a.paths.path(b.node.peerId).kind === 'direct')
  expect(punches).toBeGreaterThan(0)
  expect(a.paths.best(b.node.peerId)?.id).not.toBe(first.id)
  const changes = a.paths.changes(b.node.peerId).map(({ to, reason }) => `${to.kind} ${reason}`)
  expect(changes).toContain('relay silent')
  expect(changes.at(-1)).toBe('direct better')
})

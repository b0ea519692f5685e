// One end of `--harness node`, or the relay between two: orders (run/orders.ts) on its standard input, what became of them
// on its standard output. Starting a program costs more than a run, so this one lives as long as a cell: each run has a new
// node in it.
import { createInterface } from 'node:readline'
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '@p2pshare/core'
import type { P2PShareNode } from '@p2pshare/core'
import { RunError } from './errors.ts'
import { peerOrder } from './run/orders.ts'
import type { PeerOrder } from './run/orders.ts'

/** For a place at the relay; without one, a node behind a NAT is not met. */
const PLACE_MS = 10_000
const POLL_MS = 200
/** Every node of libp2p speaks it, and does not agree to it ahead. */
const IDENTIFY_PROTOCOL = '/ipfs/id/1.0.0'

let node: P2PShareNode | undefined
say('peer.here', {})
for await (const line of createInterface({ input: process.stdin })) {
  const order = peerOrder(line)
  if (order !== undefined) {
    void obey(order).catch((error: unknown) => say('error', { message: String(error) }))
  }
}
// who gave the orders is gone
process.exit(0)

async function obey(order: PeerOrder): Promise<void> {
  switch (order.do) {
    case 'begin':
      node = await createNode({ bootstrap: [...order.bootstrap], mdns: false })
      listen(node)
      await untilReachable(node)
      ready(node)
      break
    case 'relay':
      // nobody is there yet who could say that these can be reached
      node = await createNode({
        listen: [...order.listen],
        announce: [...order.listen],
        mdns: false,
        nat: { relayServer: true },
        gossip: { roles: ['bootstrap', 'relay'] }
      })
      ready(node)
      break
    case 'meet':
      await meet(node, order)
      break
    case 'end': {
      const over = node
      node = undefined
      await over?.stop()
      say('peer.ended', {})
    }
  }
}

function ready(own: P2PShareNode): void {
  say('peer.ready', { id: own.peerId.toString(), addresses: own.addresses() })
}

function listen({ services: { nat } }: P2PShareNode): void {
  nat.addEventListener('nat:class', ({ detail }) => say('peer.class', { ...detail }))
  nat.addEventListener('punch:success', ({ detail }) => {
    const { peer, role, strategy, tookMs } = detail
    say('peer.punched', { peer: peer.toString(), role, strategy, tookMs })
  })
  nat.addEventListener('punch:failed', ({ detail }) => {
    const tries = nat
      .explain(detail.peer)
      .attempts.map(({ strategy, outcome, reason }) => ({ strategy, outcome, reason }))
    say('peer.failed', { peer: detail.peer.toString(), role: detail.role, error: String(detail.error), tries })
  })
}

/** Its addresses change when it has a place, or one of them was tried: to ask for them all the time costs more than a run. */
async function untilReachable(own: P2PShareNode): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => {
    if (isReachable(own)) {
      resolve()
    }
  }
  own.libp2p.addEventListener('self:peer:update', look)
  const [poll, timeout] = [setInterval(look, POLL_MS), setTimeout(resolve, PLACE_MS)]
  look()
  await promise
  clearInterval(poll)
  clearTimeout(timeout)
  own.libp2p.removeEventListener('self:peer:update', look)
}

function isReachable(own: P2PShareNode): boolean {
  return (
    own.addresses().some((address) => address.includes('/p2p-circuit')) ||
    own.services.nat.reachability().some(({ reachability }) => reachability === 'verified')
  )
}

async function meet(
  own: P2PShareNode | undefined,
  { id, addresses }: Extract<PeerOrder, { do: 'meet' }>
): Promise<void> {
  if (own === undefined) {
    return
  }
  const { nat } = own.services
  const peer = peerIdFromString(id)
  nat.onChange((changed) => {
    if (changed.equals(peer)) {
      say('peer.path', { path: nat.path(peer).kind })
    }
  })
  // both have heard of each other from the relay: what is there already was not dialled now
  const isKnown = own.libp2p.getConnections(peer).length > 0
  const started = performance.now()
  const connection = await own.libp2p.dial(
    addresses.length === 0 ? peer : addresses.map((address) => multiaddr(address))
  )
  const began = connection.limits === undefined ? 'direct' : 'relay'
  say('peer.met', { began, ...(isKnown ? {} : { tookMs: performance.now() - started }) })
  say('peer.path', { path: nat.path(peer).kind })
  await answerOver(connection)
  say('peer.answered', isKnown ? {} : { tookMs: performance.now() - started })
}

/**
 * Over this connection and no better one: a stream is there when the other end has agreed to its protocol, which is as long
 * as the answer to a question takes that is sent along with the protocol's name.
 */
async function answerOver(connection: Connection): Promise<void> {
  const stream = await connection.newStream(IDENTIFY_PROTOCOL, { runOnLimitedConnection: true })
  stream.abort(new RunError('heard of'))
}

function say(type: string, fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`)
}

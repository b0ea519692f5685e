// One node of `--harness node`: `peer.ts ADDRESS_OF_RELAY...`. A line `PEER_ID ADDRESS...` on its standard input is
// dialled. It says on its standard output what became of it.
import { createInterface } from 'node:readline'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '@p2pshare/core'

/** For a place at the relay; without one, a node behind a NAT is not met. */
const PLACE_MS = 10_000
const POLL_MS = 50

const node = await createNode({ bootstrap: process.argv.slice(2), mdns: false })
const { nat } = node.services
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
const begun = performance.now()
while (!isReachable() && performance.now() - begun < PLACE_MS) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
say('peer.ready', { id: node.peerId.toString(), addresses: node.addresses() })

process.once('SIGTERM', () => {
  void node.stop().finally(() => process.exit(0))
})
for await (const line of createInterface({ input: process.stdin })) {
  void meet(line).catch((error: unknown) => say('error', { message: String(error) }))
}

function isReachable(): boolean {
  return (
    node.addresses().some((address) => address.includes('/p2p-circuit')) ||
    nat.reachability().some(({ reachability }) => reachability === 'verified')
  )
}

async function meet(line: string): Promise<void> {
  const [id = '', ...addresses] = line.split(' ')
  const peer = peerIdFromString(id)
  nat.onChange((changed) => {
    if (changed.equals(peer)) {
      say('peer.path', { path: nat.path(peer).kind })
    }
  })
  const started = performance.now()
  await node.libp2p.dial(addresses.length === 0 ? peer : addresses.map((address) => multiaddr(address)))
  say('peer.met', { tookMs: performance.now() - started })
  say('peer.path', { path: nat.path(peer).kind })
}

function say(type: string, fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`)
}

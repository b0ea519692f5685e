// One node of a run: `peer.ts SETTING`. It is told what to do by lines of JSON, and says what came of it by such.
import { createInterface } from 'node:readline'
import { createNode } from '@p2pshare/core'
import type { NodeOptions } from '@p2pshare/core'
import { limitedRelayServer, natServices } from '@p2pshare/nat'
import { flippable } from './flippable.ts'
import { fetchWatched, meetDirectly } from './peer-fetch.ts'
import { wallMs } from './wall-clock.ts'

/** For a place at the relay; without one, a node behind a NAT is not met. */
const PLACE_MS = 10_000
const POLL_MS = 20

interface Setting extends NodeOptions {
  readonly flips?: boolean
  /** It is a relay that carries what comes: the bounds of a relay for all are not what a run is about. */
  readonly relaysAll?: boolean
}

const setting = JSON.parse(process.argv[2] ?? '{}') as Setting
const { flips = false, relaysAll = false, ...options } = setting
const flipper = flips ? flippable(natServices(options.nat).nat) : undefined
const node = await createNode({
  mdns: false,
  ...options,
  services: { ...(flipper && { nat: flipper.factory }), ...(relaysAll && { relay: generousRelay }) }
})
const { nat } = node.services
nat.addEventListener('punch:success', ({ detail }) => {
  say('punched', { strategy: detail.strategy, tookMs: Math.round(detail.tookMs) })
})
nat.addEventListener('punch:failed', ({ detail }) => {
  say('punch-failed', { why: String(detail.error) })
})
if (options.bootstrap !== undefined) {
  const begun = performance.now()
  while (!node.addresses().some((one) => one.includes('/p2p-circuit')) && performance.now() - begun < PLACE_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
say('ready', { id: node.peerId.toString(), addresses: node.addresses() })

process.once('SIGTERM', () => {
  void node.stop().finally(() => process.exit(0))
})
// whoever reads has gone
process.stdout.on('error', () => process.exit(1))
for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line) as Record<string, string>).catch((error: unknown) => {
    say('error', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
}

/** As a friend would run it: whole transfers may go through it, minute after minute. */
function generousRelay(components: Parameters<ReturnType<typeof limitedRelayServer>>[0]): unknown {
  // a connection that has no limits at all would not count as a relayed one everywhere
  const reservations = { defaultDataLimit: 2n ** 40n, defaultDurationLimit: 3_600_000 }
  const unlimited = { maxPeerBytesPerMinute: Infinity, maxTotalBytesPerMinute: Infinity }
  return limitedRelayServer({ reservations }, unlimited)(components)
}

async function obey(command: Record<string, string>): Promise<void> {
  switch (command['do']) {
    case 'share': {
      const { ticket } = await node.share(command['path'] ?? '', { announce: false })
      say('shared', { ticket })
      break
    }
    case 'meet':
      await meetDirectly(node, command['id'] ?? '', command['addresses'] ?? '')
      say('met', {})
      break
    case 'get':
      await fetchWatched(node, command, say, flipper)
      break
    case undefined:
  }
}

function say(type: string, fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ type, atMs: wallMs(), ...fields })}\n`)
}

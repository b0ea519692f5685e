import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { P2PShareNode } from '@p2pshare/core'
import { RunError } from './errors.ts'
import type { Flipper } from './flippable.ts'
import type { Flow, Way } from './flow.ts'
import { wallMs } from './wall-clock.ts'
import { watchFlow } from './watch-flow.ts'

/** For a punched path to come up. */
const DIRECT_MS = 20_000
const POLL_MS = 20

/**
 * Dial a peer over the relay, and wait until the path is direct.
 *
 * @throws RunError when it does not become so: what is measured then would be the relay
 */
export async function meetDirectly(node: P2PShareNode, id: string, addresses: string): Promise<void> {
  const peer = peerIdFromString(id)
  await node.libp2p.dial(addresses.split(' ').map((address) => multiaddr(address)))
  const begun = performance.now()
  while (node.services.nat.path(peer).kind !== 'direct') {
    if (performance.now() - begun >= DIRECT_MS) {
      throw new RunError(`no direct path in ${DIRECT_MS} ms`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Fetch, and say when what came by which way. */
export async function fetchWatched(
  node: P2PShareNode,
  { id = '', ticket = '', output = '', flipEveryMs = '0', maxFlips = '0' }: Record<string, string>,
  say: (type: string, fields: Readonly<Record<string, unknown>>) => void,
  flipper: Flipper | undefined
): Promise<void> {
  const peer = peerIdFromString(id)
  using watched = watchFlow(node.libp2p, peer)
  const { nat } = node.services
  const unlisten = nat.onChange((changed) => {
    if (changed.equals(peer)) {
      const { kind, address } = nat.path(peer)
      say('path', { kind, address: address?.toString() })
    }
  })
  const cpu = process.cpuUsage()
  const startedMs = wallMs()
  say('started', {})
  const flips =
    flipper === undefined
      ? undefined
      : flipping(flipper, peer, watched.flow, { everyMs: Number(flipEveryMs), most: Number(maxFlips) })
  for await (const event of node.get(ticket, { output, seed: false })) {
    if (event.type === 'peer' || event.type === 'stalled' || event.type === 'warning') {
      say('event', { event: { ...event, ...('peer' in event && { peer: String(event.peer) }) } })
    }
    if (event.type === 'done') {
      const { flow, stalls } = watched
      const { user, system } = process.cpuUsage(cpu)
      say('got', {
        startedMs,
        endedMs: wallMs(),
        bytes: event.bytes,
        bytesReceived: event.bytesReceived,
        relayedBytes: nat.path(peer).relayedBytes ?? 0,
        address: nat.path(peer).address?.toString(),
        cpuSeconds: (user + system) / 1e6,
        flips: flips?.count() ?? 0,
        followed: flips?.followed() ?? 0,
        output: event.output,
        totals: flow.totals,
        firstDirectMs: flow.firstDirectMs,
        gaps: flow.gaps,
        spans: flow.spans,
        stalls
      })
      say('hashed', { sha256: await hashOf(event.output) })
    }
  }
  flips?.stop()
  unlisten()
}

interface Flips {
  count(): number
  /** After so many of them bytes came by the way that was said, before the next one. */
  followed(): number
  stop(): void
}

function flipping(
  flipper: Flipper,
  peer: PeerId,
  { totals }: Pick<Flow, 'totals'>,
  { everyMs, most }: { readonly everyMs: number; readonly most: number }
): Flips {
  let count = 0
  let followed = 0
  let before = 0
  const way = (): Way => (count % 2 === 1 ? 'relay' : 'direct')
  const look = (): void => {
    followed += count > 0 && totals[way()] > before ? 1 : 0
    before = Infinity
  }
  const timer = setInterval(() => {
    look()
    if (count === most) {
      clearInterval(timer)
      return
    }
    count++
    before = totals[way()]
    flipper.flip(peer, way())
  }, everyMs)
  return {
    count: () => count,
    followed: () => {
      look()
      return followed
    },
    stop: () => {
      clearInterval(timer)
    }
  }
}

/** The sha-256 of a file, in hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

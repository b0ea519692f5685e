/**
 * The node under test: a seeder in a process of its own. Says where it is, then every so often how large it is and how late
 * its event loop was, and ends with its input.
 *
 *   node life.ts <path> <home>
 */
import { writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createNode } from '@p2pshare/core'
import { PROFILE } from '../byzantine/target.ts'
import type { Vitals } from './vitals.ts'

const BEAT_MS = 250

/** How exactly lateness is measured; a timer that is on time is this late. */
const RESOLUTION_MS = 1

const [path = '', home = ''] = process.argv.slice(2)
const node = await createNode({ home, listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })
const { root } = await node.share(path, { announce: false, profile: PROFILE })
const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
lag.enable()
say({ root: root.toString(), peer: node.peerId.toString(), addresses: node.addresses() })

let cpu = process.cpuUsage()
const beat = setInterval(() => {
  const used = process.cpuUsage(cpu)
  const { rss, heapTotal, external } = process.memoryUsage()
  cpu = process.cpuUsage()
  say({
    rssBytes: rss,
    heapBytes: heapTotal,
    bufferBytes: external,
    connections: node.libp2p.getConnections().length,
    cpuMs: (used.user + used.system) / 1000,
    sentBytes: node.shares()[0]?.bytesSent ?? 0,
    lagP99Ms: lag.percentile(99) / 1e6 - RESOLUTION_MS,
    lagMaxMs: lag.max / 1e6
  } satisfies Vitals)
}, BEAT_MS)

process.stdin.on('data', () => {
  lag.reset() // a new part of the test begins
})
process.stdin.on('end', () => {
  clearInterval(beat)
  process.exit(0)
})

function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`)
}

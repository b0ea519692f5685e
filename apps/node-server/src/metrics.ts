import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { P2PShareNode } from '@p2pshare/core'
import type { PathKind } from '@p2pshare/interface'

/** What is read from a node each time metrics are collected. */
export type MeteredNode = Pick<P2PShareNode, 'shares' | 'peers'>

const PATH_KINDS: readonly PathKind[] = ['direct', 'relay', 'none']

/**
 * Our own metrics in `registry`, beside those that libp2p puts there. `node` is asked at each collection and may be
 * `undefined` while there is none.
 */
export function registerMetrics(registry: Registry, version: string, node: () => MeteredNode | undefined): void {
  const registers = [registry]
  new Gauge({ name: 'p2pshare_info', help: 'Version of the server', labelNames: ['version'], registers }).set(
    { version },
    1
  )
  new Gauge({
    name: 'p2pshare_peers',
    help: 'Known peers by how bytes reach them',
    labelNames: ['path'],
    registers,
    collect() {
      const peers = node()?.peers() ?? []
      for (const path of PATH_KINDS) {
        this.set({ path }, peers.filter((peer) => peer.path.kind === path).length)
      }
    }
  })
  new Gauge({
    name: 'p2pshare_shares',
    help: 'Shares served, by whether all of their leaves are here',
    labelNames: ['state'],
    registers,
    collect() {
      const shares = node()?.shares() ?? []
      const complete = shares.filter(({ have, leaves }) => have === leaves).length
      this.set({ state: 'complete' }, complete)
      this.set({ state: 'partial' }, shares.length - complete)
    }
  })
  new Gauge({
    name: 'p2pshare_shared_bytes',
    help: 'Size of all shares together',
    registers,
    collect() {
      this.set((node()?.shares() ?? []).reduce((sum, { bytes }) => sum + bytes, 0))
    }
  })
  registerSentBytes(registry, node)
}

/** A counter must not fall, but the sum over shares does when one is taken away: only what is added counts. */
function registerSentBytes(registry: Registry, node: () => MeteredNode | undefined): void {
  const seen = new Map<string, number>()
  new Counter({
    name: 'p2pshare_transfer_sent_bytes_total',
    help: 'Bytes of shares sent to peers',
    registers: [registry],
    collect() {
      const shares = node()?.shares() ?? []
      for (const { root, bytesSent } of shares) {
        const key = root.toString()
        this.inc(Math.max(0, bytesSent - (seen.get(key) ?? 0)))
        seen.set(key, bytesSent)
      }
      const roots = new Set(shares.map(({ root }) => root.toString()))
      for (const key of seen.keys()) {
        if (!roots.has(key)) {
          seen.delete(key)
        }
      }
    }
  })
}

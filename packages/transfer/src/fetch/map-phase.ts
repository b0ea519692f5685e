import type { AbortOptions } from '@libp2p/interface'
import type { DownloadMonitor } from '../download.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { neededNodes } from '../needed-nodes.ts'
import { checkName } from '../paths.ts'
import { manifestNodes } from '../private/manifest-nodes.ts'
import { privateView } from '../private/private-view.ts'
import type { ShareSecret } from '../private/secret.ts'
import type { Entry } from '../share/entry.ts'
import { NodeExchange } from '../share/node-exchange.ts'
import type { NodeStore } from '../store/node-store.ts'
import type { TransferEvent } from '../types.ts'
import { publicView } from '../view.ts'
import type { View } from '../view.ts'

/** What the first part of every download needs. */
export interface MapPhaseInit extends AbortOptions {
  readonly entry: Entry
  readonly monitor: DownloadMonitor
  /** Of a private share. */
  readonly secret?: ShareSecret | undefined
  /** The verified block of the root, if it can be had without a session. */
  readonly rootBlock?: Promise<Uint8Array | undefined> | undefined
}

/** Until every inner node is in `nodes` (SPEC.md#map-phase). */
export async function* fetchNodes(
  nodes: NodeStore,
  { entry, monitor, secret, signal, rootBlock }: MapPhaseInit
): AsyncGenerator<TransferEvent, void, undefined> {
  const more = secret === undefined ? undefined : manifestNodes()
  const exchange = new NodeExchange(entry.root, {
    nodes,
    needed: (cid, block) => [...neededNodes(cid, block, checkName), ...(more?.(cid, block) ?? [])],
    now: () => performance.now(),
    stored: () => {
      monitor.alive()
    },
    drop: (peer) => {
      entry.swarm.ban(peer, 'wrong-bytes')
    }
  })
  entry.swarm.useExchange(exchange)
  const state = { settled: false }
  const finish = (): void => {
    state.settled = true
    monitor.wake()
  }
  exchange.done.then(finish, finish)
  await exchange.resume()
  void rootBlock?.then((block) => {
    if (block !== undefined) {
      exchange.supply(entry.root, block)
    }
  })
  while (!state.settled) {
    const event = await monitor.next(signal)
    if (event !== undefined) {
      yield event
    }
  }
  await exchange.done
  await nodes.flush()
  entry.swarm.useExchange(undefined)
}

/** The leaf map, from nodes that are all here. */
export async function buildMap(nodes: NodeStore, { entry, signal }: MapPhaseInit): Promise<BuiltLeafMap> {
  return buildLeafMap(entry.root, (cid) => nodes.get(cid), { checkName, ...(signal && { signal }) })
}

/** The files that the DAG stands for. */
export async function openView(map: BuiltLeafMap, nodes: NodeStore, init: MapPhaseInit): Promise<View> {
  const { secret, signal } = init
  return secret === undefined ? publicView(map) : privateView(map, nodes, secret, { ...(signal && { signal }) })
}

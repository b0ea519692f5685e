import { DiskPatience, whenItCan } from '../disk-patience.ts'
import type { DownloadMonitor } from '../download.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { neededNodes } from '../needed-nodes.ts'
import { checkName } from '../paths.ts'
import { manifestNodes } from '../private/manifest-nodes.ts'
import { privateView } from '../private/private-view.ts'
import type { Entry } from '../share/entry.ts'
import { NodeExchange } from '../share/node-exchange.ts'
import type { NodeStore } from '../store/node-store.ts'
import { mayMakeRoom, mayPass } from '../store/patience.ts'
import type { GetOptions, TransferEvent } from '../types.ts'
import { publicView } from '../view.ts'
import type { View } from '../view.ts'
import type { Keeping } from './keeping.ts'

/** What the first part of every download needs. */
export interface MapPhaseInit {
  readonly entry: Entry
  readonly monitor: DownloadMonitor
  readonly options: Pick<GetOptions, 'secret' | 'signal' | 'diskTimeoutMs'>
  /** The verified block of the root, if it can be had without a session. */
  readonly rootBlock?: Promise<Uint8Array | undefined> | undefined
}

/** What a share consists of. */
export interface Known {
  readonly map: BuiltLeafMap
  /** The files that the DAG stands for. */
  readonly view: View
}

/** The same, and the nodes that say so. */
export interface Learned extends Known {
  readonly nodes: NodeStore
}

/** Learn it with nodes of the unfinished download, whatever the disk says meanwhile. */
export async function* learnMap(
  keeping: Pick<Keeping, 'openNodes' | 'requireMount'>,
  init: MapPhaseInit
): AsyncGenerator<TransferEvent, Learned, undefined> {
  const { entry, monitor, options } = init
  const patience = new DiskPatience(options)
  let kept = 0
  const stored = (): void => {
    kept++
  }
  // that the place itself is wrong is the user's to see, and at once
  let nodes = yield* whenItCan(init, 0, async () => keeping.openNodes(), mayMakeRoom)
  for (;;) {
    try {
      return { nodes, ...(yield* learnFrom(nodes, init, stored)) }
    } catch (error) {
      if (!mayPass(error)) {
        throw error
      }
      await entry.swarm.pause('the disk refuses')
      // what was not written is fetched again
      await nodes.close().catch(() => undefined)
      const reopening = patience.retry(error, kept, async () => {
        await keeping.requireMount()
        return keeping.openNodes()
      })
      nodes = yield* monitor.paused(reopening)
    }
  }
}

/**
 * Fetch every node that a map is built from (SPEC.md#map-phase), and build it. Throws what the disk says of `nodes`.
 *
 * @param stored - a node is in `nodes`.
 */
export async function* learnFrom(
  nodes: NodeStore,
  init: MapPhaseInit,
  stored: () => void = () => undefined
): AsyncGenerator<TransferEvent, Known, undefined> {
  yield* fetchNodes(nodes, init, stored)
  const { entry, options } = init
  const { secret, signal } = options
  const abort = signal === undefined ? {} : { signal }
  const map = await buildLeafMap(entry.root, (cid) => nodes.get(cid), { checkName, ...abort })
  return { map, view: secret === undefined ? publicView(map) : await privateView(map, nodes, secret, abort) }
}

async function* fetchNodes(
  nodes: NodeStore,
  { entry, monitor, options, rootBlock }: MapPhaseInit,
  stored: () => void
): AsyncGenerator<TransferEvent, void, undefined> {
  const { secret, signal } = options
  const more = secret === undefined ? undefined : manifestNodes()
  const exchange = new NodeExchange(entry.root, {
    nodes,
    needed: (cid, block) => [...neededNodes(cid, block, checkName), ...(more?.(cid, block) ?? [])],
    now: () => performance.now(),
    stored: () => {
      stored()
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

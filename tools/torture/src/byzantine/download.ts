import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PeerId } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import type { Ban, TransferEvent } from '@p2pshare/transfer'
import { must } from '../errors.ts'
import { startNode } from './nodes.ts'
import type { Target } from './target.ts'

/** A receiver takes no more: seeders in this process share its cores, and would all be slower for one more of them. */
const RECEIVER_BYTES_PER_SECOND = 24 * 1024 * 1024

/** Longer is not a slow download but one that hangs. */
const GUARD_MS = 120_000

/** What became of one download. */
export interface Downloaded {
  readonly ms: number
  readonly usefulBytes: number
  readonly wastedBytes: number
  readonly bans: readonly Ban[]
  /** Bytes of leaves that came out wrong, by who sent them alone or with others. */
  readonly corrupt: ReadonlyMap<string, number>
}

/** A new receiver fetches the target from these seeders, and nobody else. */
export async function download(target: Target, providers: readonly Provider[], directory: string): Promise<Downloaded> {
  const receiver = await startNode({ downloadBytesPerSecond: RECEIVER_BYTES_PER_SECOND })
  const { transfer } = receiver.services
  const name = `copy-${receiver.peerId.toString()}`
  try {
    const began = performance.now()
    let done: (TransferEvent & { type: 'done' }) | undefined
    const options = { output: directory, name, providers, seed: false, signal: AbortSignal.timeout(GUARD_MS) }
    for await (const event of transfer.get(target.map.root, options)) {
      done = event.type === 'done' ? event : done
    }
    const ms = performance.now() - began
    must(done !== undefined, 'the download ended without a word')
    must((await readFile(join(directory, name))).equals(target.bytes), 'the file has wrong bytes')
    const { corrupt, duplicate, unrequested } = done.traffic.wasted
    return {
      ms,
      usefulBytes: target.bytes.byteLength,
      wastedBytes: corrupt + duplicate + unrequested,
      bans: transfer.bans(),
      corrupt: new Map(done.sources.map(({ peer, traffic }) => [keyOf(peer), traffic.wasted.corrupt]))
    }
  } finally {
    await receiver.stop()
    await rm(join(directory, name), { force: true })
  }
}

export function keyOf(peer: PeerId): string {
  return peer.toString()
}

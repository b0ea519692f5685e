import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { Provider, ProviderRouting } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import { expect } from 'vitest'
import { transfer } from '../../src/index.ts'
import type { Transfer, TransferEvent, TransferInit } from '../../src/index.ts'
import type { FakeBulkChannels } from '../support/fake-bulk-channels.ts'
import type { TmpfsMaker } from '../support/tmpfs.ts'

export type TestNode = Libp2p<{ transfer: Transfer }>

/** Real libp2p nodes over TCP on loopback, and temporary directories; all gone after `stop`. */
export class Harness {
  readonly #nodes: TestNode[] = []
  readonly #directories: string[] = []
  readonly #unmounts: Array<() => void> = []

  async node(init: TransferInit = {}, channels?: FakeBulkChannels): Promise<TestNode> {
    const node = (await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [
        (components) =>
          Object.assign(tcp()(components), channels === undefined ? {} : { [bulkChannelsSymbol]: channels })
      ],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
      services: { identify: identify(), transfer: transfer(init) }
    })) as unknown as TestNode
    this.#nodes.push(node)
    channels?.serve(node.peerId)
    return node
  }

  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'p2pshare-test-'))
    this.#directories.push(directory)
    return directory
  }

  /** A directory that is a small file system of its own, as `1m`; moved away, it has to be back before `stop`. */
  async disk(tmpfs: TmpfsMaker | undefined, size: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'p2pshare-disk-'))
    tmpfs?.mount(directory, size)
    this.#unmounts.push(() => tmpfs?.unmount(directory))
    this.#directories.push(directory)
    return directory
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map(async (node) => node.stop()))
    for (const unmount of this.#unmounts.splice(0)) {
      unmount()
    }
    for (const directory of this.#directories.splice(0)) {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

export function asProvider(node: TestNode): Provider {
  return { id: node.peerId, multiaddrs: node.getMultiaddrs() }
}

/** Whole seconds, so that every file system gives them back. */
const WRITTEN_AT = 1_700_000_000

/** Write a file that looks the same to `stat` each time it is written with as many bytes. */
export async function writeAlike(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes)
  await utimes(path, WRITTEN_AT, WRITTEN_AT)
}

/** Make a liar of who shares this file of `writeAlike`: each leaf is wrong, and `stat` does not show it. */
export async function forge(path: string, bytes: Uint8Array): Promise<void> {
  const forged = Uint8Array.from(bytes)
  for (let at = 0; at < forged.byteLength; at += 1000) {
    forged[at] = (forged[at] ?? 0) ^ 1
  }
  await writeAlike(path, forged)
}

export async function collect(events: AsyncIterable<TransferEvent>): Promise<TransferEvent[]> {
  const all: TransferEvent[] = []
  for await (const event of events) {
    all.push(event)
  }
  return all
}

/**
 * A download that goes on until the other end was seen to do something, however long that takes, and is stopped then. It
 * must not end before.
 *
 * @returns what it said.
 */
export async function fetchUntil(
  get: (signal: AbortSignal) => AsyncIterable<TransferEvent>,
  seen: () => Promise<unknown>
): Promise<TransferEvent[]> {
  const stopping = new AbortController()
  const said: TransferEvent[] = []
  const fetching = (async () => {
    for await (const event of get(stopping.signal)) {
      said.push(event)
    }
  })()
  const ended = fetching.then(
    () => 'done',
    (error: unknown) => error
  )
  await seen()
  const enough = new TypeError('seen enough')
  stopping.abort(enough)
  expect(await ended).toBe(enough)
  return said
}

/** The last event; fails the test when it is not `done`. */
export async function finish(events: AsyncIterable<TransferEvent>): Promise<TransferEvent & { type: 'done' }> {
  const last = (await collect(events)).at(-1)
  if (last?.type !== 'done') {
    throw new TypeError(`the download ended with ${last?.type ?? 'nothing'}`)
  }
  return last
}

/** Whether a file has exactly these bytes. (`toEqual` compares buffers of megabytes byte by byte, for seconds.) */
export async function sameBytes(path: string, bytes: Uint8Array): Promise<boolean> {
  return (await readFile(path)).equals(bytes)
}

/** A routing collaborator that knows one provider, from the moment that `ready` resolves. */
export function routingTo(provider: Provider, ready: Promise<unknown>): ProviderRouting {
  return {
    provide: () => Promise.resolve(),
    cancelProvide: () => Promise.resolve(),
    async *findProviders() {
      await ready
      yield provider
    }
  }
}

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { Path, PathView } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import { expect } from 'vitest'
import { TRANSFER_PROTOCOL } from '../../src/constants.ts'
import { transfer } from '../../src/index.ts'
import type { TransferEvent, TransferInit } from '../../src/index.ts'
import type { FakeBulkChannels } from '../support/fake-bulk-channels.ts'
import { Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'
import { Tap } from './tap.ts'

const TAKES_ALL = { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 }

/** Says which connection is the best when it is told so by a test. */
export class ForcedPaths implements PathView {
  readonly #listeners = new Set<(peer: PeerId) => void>()
  /** The last one that is open is the best. */
  readonly #ranked: Connection[] = []

  path(): Path {
    return { kind: this.best()?.limits === undefined ? 'direct' : 'relay' }
  }

  best(): Connection | undefined {
    return this.#ranked.findLast(({ status }) => status === 'open')
  }

  onChange(listener: (peer: PeerId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  force(connection: Connection): void {
    this.#ranked.push(connection)
    for (const listener of this.#listeners) {
      listener(connection.remotePeer)
    }
  }
}

interface NodeInit extends TransferInit {
  readonly listen?: readonly string[]
  readonly channels?: FakeBulkChannels
  readonly paths?: PathView
}

/** Nodes with several ways to each other, every one of them tapped. */
export class MoveNodes {
  readonly harness = new Harness()
  readonly #nodes: Libp2p[] = []
  readonly #taps: Tap[] = []

  async node({ listen, channels, paths, ...init }: NodeInit = {}): Promise<TestNode> {
    const node = (await createLibp2p({
      start: false,
      addresses: { listen: [...(listen ?? ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'])] },
      transports: [
        (components) => Object.assign(tcp()(components), channels && { [bulkChannelsSymbol]: channels }),
        circuitRelayTransport()
      ],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: TAKES_ALL,
      services: { identify: identify(), transfer: transfer(init) }
    })) as unknown as TestNode
    this.#nodes.push(node)
    channels?.serve(node.peerId)
    node.services.transfer.use({ ...(paths && { paths }) })
    await node.start()
    return node
  }

  /** @param dataLimit - bytes of one circuit. */
  async relay(dataLimit?: bigint): Promise<Multiaddr> {
    const limits = dataLimit === undefined ? {} : { defaultDataLimit: dataLimit }
    const node = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: TAKES_ALL,
      services: {
        identify: identify(),
        relay: circuitRelayServer({ reservations: { applyDefaultLimit: true, defaultDataLimit: 1n << 32n, ...limits } })
      }
    })
    this.#nodes.push(node)
    const [address] = node.getMultiaddrs()
    if (address === undefined) {
      throw new TypeError('the relay does not listen')
    }
    return address
  }

  /** The same address with a tap before its TCP port. */
  async tapped(address: Multiaddr, to: PeerId): Promise<{ tap: Tap; address: Multiaddr }> {
    const { tap, provider } = await Tap.to({ id: to, multiaddrs: [address] })
    this.#taps.push(tap)
    const [, , ...rest] = address.getComponents()
    const tail = rest.map(({ name, value }) => (value === undefined ? `/${name}` : `/${name}/${value}`)).join('')
    return { tap, address: multiaddr(`${String(provider.multiaddrs[0])}${tail}`) }
  }

  /** The longest time in milliseconds in which nothing came by any tap, between two times. */
  longestGap(from: number, to: number): number {
    const times = this.#taps
      .flatMap(({ seen }) => seen.map(({ at }) => at))
      .filter((at) => at >= from && at <= to)
      .sort((a, b) => a - b)
    return Math.max(0, ...times.map((at, index) => at - (times[index - 1] ?? at)))
  }

  get seenBytes(): number {
    return this.#taps.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  async stop(): Promise<void> {
    for (const tap of this.#taps.splice(0)) {
      tap.stop()
    }
    await Promise.all(this.#nodes.splice(0).map(async (node) => node.stop()))
    await this.harness.stop()
  }
}

/** A share, a leecher that is connected in some way, and what came of its download. */
export async function shared(nodes: MoveNodes, seeder: TestNode, bytes: number) {
  const content = randomBytes(bytes)
  const directory = await nodes.harness.directory()
  await writeFile(join(directory, 'source.bin'), content)
  const { root } = await seeder.services.transfer.share(join(directory, 'source.bin'))
  /** Runs to its end; `at` is called with the bytes that are done. Checks hash, doublets, and that nothing restarted. */
  const get = async (leecher: TestNode, at: (done: number) => void = () => undefined) => {
    const provider = { id: seeder.peerId, multiaddrs: [] }
    const began = performance.now()
    let first: number | undefined
    const events: TransferEvent[] = []
    const options = { output: directory, name: 'copy.bin', providers: [provider] }
    for await (const event of leecher.services.transfer.get(root, options)) {
      events.push(event)
      if (event.type === 'progress') {
        first ??= event.bytesDone > 0 ? performance.now() : undefined
        at(event.bytesDone)
      }
    }
    const done = events.at(-1)
    if (done?.type !== 'done') {
      throw new TypeError(`the download ended with ${done?.type ?? 'nothing'}`)
    }
    expect(await sameBytes(join(directory, 'copy.bin'), content)).toBe(true)
    const ratio = done.bytesReceived / bytes
    expect(ratio).toBeLessThanOrEqual(1.01)
    const states = events.flatMap((event) => (event.type === 'peer' ? [event.state] : []))
    expect(
      states.filter((state) => state === 'joined'),
      'one session'
    ).toHaveLength(1)
    const ended = performance.now()
    // a report, not a claim: machines that run this have other work
    const gap = nodes.longestGap(first ?? began, ended)
    const wire = nodes.seenBytes / bytes
    console.log(
      `${expect.getState().currentTestName ?? ''}: ${(ended - began).toFixed(0)} ms, longest gap ${gap.toFixed(0)} ms, ` +
        `received/size ${ratio.toFixed(4)}, on the wire ${wire.toFixed(4)}`
    )
    return { gap, wire }
  }
  return { get, root, directory, content }
}

/** Streams of sessions on a connection, both lanes counted. */
export function lanesOn(connection: Connection): number {
  return connection.streams.filter(({ protocol }) => protocol === TRANSFER_PROTOCOL).length
}

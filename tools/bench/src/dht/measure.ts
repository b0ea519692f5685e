import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Dht } from '@p2pshare/dht'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import type { Kind, Network, Node } from './nodes.ts'

/** One announcement and one search for it. Times in milliseconds; `undefined`: it did not come to that. */
export interface Round {
  readonly findableMs: number
  readonly completeMs: number | undefined
  readonly messages: number
  readonly firstRecordMs: number | undefined
  readonly queries: number
}

const POLL_MS = 5

/** A lookup that takes longer has failed. */
const DEADLINE_MS = 30_000

/** A key that nobody has asked for. */
async function freshRoot(): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(randomBytes(32)))
}

/** Announce at one node and search at another, one after the other. */
export async function measureRound(kind: Kind, { live }: Network, random: () => number): Promise<Round> {
  const at = Math.floor(random() * live.length)
  const [provider, finder] = [live[at], live[(at + 1 + Math.floor(random() * (live.length - 1))) % live.length]]
  if (provider === undefined || finder === undefined) {
    throw new Error('too few nodes')
  }
  const root = await freshRoot()
  if (kind === 'p2pshare') {
    const put = await provideOurs(provider.services.dht as Dht, root)
    const found = await findOurs(finder.services.dht as Dht, root, provider.peerId)
    await (provider.services.dht as Dht).cancelProvide(root)
    return { ...put, ...found }
  }
  return {
    ...(await provideStock(provider.services.dht as KadDHT, root)),
    ...(await findStock(finder.services.dht as KadDHT, root, provider.peerId))
  }
}

async function provideOurs(dht: Dht, root: CID): Promise<Pick<Round, 'findableMs' | 'completeMs' | 'messages'>> {
  const before = messagesOf(dht)
  const begun = performance.now()
  await dht.provide(root, { signal: AbortSignal.timeout(DEADLINE_MS) })
  const findableMs = performance.now() - begun
  const isComplete = (): boolean => dht.announcements().some((each) => each.root.equals(root) && each.complete)
  while (!isComplete() && performance.now() - begun < DEADLINE_MS) {
    await sleep(POLL_MS)
  }
  const completeMs = isComplete() ? performance.now() - begun : undefined
  return { findableMs, completeMs, messages: messagesOf(dht) - before }
}

async function findOurs(dht: Dht, root: CID, who: PeerId): Promise<Pick<Round, 'firstRecordMs' | 'queries'>> {
  const before = messagesOf(dht)
  const begun = performance.now()
  for await (const { id } of dht.findProviders(root, { timeoutMs: DEADLINE_MS })) {
    if (id.equals(who)) {
      return { firstRecordMs: performance.now() - begun, queries: messagesOf(dht) - before }
    }
  }
  return { firstRecordMs: undefined, queries: messagesOf(dht) - before }
}

function messagesOf(dht: Dht): number {
  return dht.status().networks[0]?.lookups.messages ?? 0
}

/** Stock resolves when all is written: nothing says that others can find it before. */
async function provideStock(dht: KadDHT, root: CID): Promise<Pick<Round, 'findableMs' | 'completeMs' | 'messages'>> {
  const begun = performance.now()
  let messages = 0
  for await (const { name } of dht.provide(root, { signal: AbortSignal.timeout(DEADLINE_MS) })) {
    messages += name === 'SEND_QUERY' ? 1 : 0
  }
  const tookMs = performance.now() - begun
  return { findableMs: tookMs, completeMs: tookMs, messages }
}

async function findStock(dht: KadDHT, root: CID, who: PeerId): Promise<Pick<Round, 'firstRecordMs' | 'queries'>> {
  const begun = performance.now()
  let queries = 0
  for await (const event of dht.findProviders(root, { signal: AbortSignal.timeout(DEADLINE_MS) })) {
    queries += event.name === 'SEND_QUERY' ? 1 : 0
    if (event.name === 'PROVIDER' && event.providers.some(({ id }) => id.equals(who))) {
      return { firstRecordMs: performance.now() - begun, queries }
    }
  }
  return { firstRecordMs: undefined, queries }
}

/** What a ping over an open connection takes, and a dial with its cryptography: what the simulation is told. */
export async function measureDelays({
  live
}: Network): Promise<{ readonly rttMs: number[]; readonly dialMs: number[] }> {
  const [rttMs, dialMs]: [number[], number[]] = [[], []]
  for (const node of live.slice(0, 10)) {
    const [peer] = node.getPeers()
    const stranger = live.find((other) => other !== node && node.getConnections(other.peerId).length === 0)
    if (peer !== undefined) {
      rttMs.push(await node.services.ping.ping(peer))
    }
    if (stranger !== undefined) {
      dialMs.push(await timeDial(node, stranger))
    }
  }
  return { rttMs, dialMs }
}

async function timeDial(node: Node, to: Node): Promise<number> {
  const begun = performance.now()
  await node.dial(to.getMultiaddrs())
  return performance.now() - begun
}

import type { AbortOptions, PeerId } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage } from '../wire/messages.ts'
import { NAME_ENOUGH_ANSWERS, NAME_GRACE_MS } from './constants.ts'
import { nameToKey } from './name.ts'
import { openNameRecord, supersedes } from './name-record.ts'
import type { NameRecord } from './name-record.ts'
import { wrap } from './name-server.ts'
import { ValueRecord } from './wire/messages.ts'

/** What names ask of a Kademlia network. */
export interface NameNetwork<Peer = unknown> {
  /** The peers nearest to a key that answer. */
  closest(key: Uint8Array, options: AbortOptions): Promise<readonly Peer[]>
  /** Sends one request. Rejects when there is no answer in time. */
  request(peer: Peer, message: KadMessage, options: AbortOptions): Promise<KadMessage>
}

/** What was found at the holders of a name. */
export interface Found {
  readonly record: NameRecord | undefined
  /** Holders that answered. */
  readonly answers: number
}

/** Puts a record at the holders of its name. Returns how many took it, and how many there are. */
export async function putName<Peer>(
  network: NameNetwork<Peer>,
  name: PeerId,
  record: NameRecord,
  options: AbortOptions
): Promise<{ readonly acks: number; readonly holders: number }> {
  const key = Uint8Array.from(nameToKey(name))
  const peers = await network.closest(key, options)
  const results = await Promise.allSettled(
    peers.map(async (peer) => network.request(peer, putMessage(key, record), options))
  )
  options.signal?.throwIfAborted()
  return { acks: results.filter(({ status }) => status === 'fulfilled').length, holders: peers.length }
}

/**
 * Asks the holders of a name. Ends when all have answered, or a little after enough have: the newest record is among
 * them unless somebody keeps it from us. Holders with an older one are told of it.
 */
export async function getName<Peer>(
  network: NameNetwork<Peer>,
  name: PeerId,
  now: () => number,
  options: AbortOptions
): Promise<Found> {
  const key = Uint8Array.from(nameToKey(name))
  const peers = await network.closest(key, options)
  const late = new AbortController()
  const signal = anySignal([options.signal, late.signal])
  const found = new Map<Peer, NameRecord | undefined>()
  const enough = Promise.withResolvers<undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const all = peers.map(async (peer) => {
    const answer = await network.request(peer, message(MessageType.GET_VALUE, key), { signal })
    found.set(peer, await readAnswer(name, answer, now()))
    if (found.size >= NAME_ENOUGH_ANSWERS && [...found.values()].some((record) => record !== undefined)) {
      timer ??= setTimeout(() => {
        enough.resolve(undefined)
      }, NAME_GRACE_MS)
    }
  })
  await Promise.race([Promise.allSettled(all), enough.promise])
  clearTimeout(timer)
  late.abort()
  signal.clear()
  options.signal?.throwIfAborted()
  const record = newest(found.values())
  if (record !== undefined) {
    correct(network, key, record, found, options)
  }
  return { record, answers: found.size }
}

/** The one that takes the place of all others; `undefined` when there is none. Pure. */
export function newest(records: Iterable<NameRecord | undefined>): NameRecord | undefined {
  let best: NameRecord | undefined
  for (const record of records) {
    if (record !== undefined && (best === undefined || supersedes(record, best))) {
      best = record
    }
  }
  return best
}

/** In the background: nobody waits for it, and it may fail. */
function correct<Peer>(
  network: NameNetwork<Peer>,
  key: Uint8Array<ArrayBuffer>,
  record: NameRecord,
  found: ReadonlyMap<Peer, NameRecord | undefined>,
  options: AbortOptions
): void {
  for (const [peer, theirs] of found) {
    if (theirs !== undefined && supersedes(record, theirs)) {
      network.request(peer, putMessage(key, record), options).catch(() => undefined)
    }
  }
}

/** `undefined` for none, and for one that is not valid: a holder may lie about either. */
async function readAnswer(name: PeerId, { record }: KadMessage, now: number): Promise<NameRecord | undefined> {
  try {
    const value = record === undefined ? undefined : ValueRecord.decode(record).value
    return value === undefined ? undefined : await openNameRecord(name, value, now)
  } catch {
    return undefined
  }
}

function putMessage(key: Uint8Array<ArrayBuffer>, record: NameRecord): KadMessage {
  return { ...message(MessageType.PUT_VALUE, key), record: wrap(key, record.bytes) }
}

function message(type: MessageType, key: Uint8Array<ArrayBuffer>): KadMessage {
  return { type, key, closer: [], providers: [] }
}

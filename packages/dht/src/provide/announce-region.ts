import type { Network } from '../network.ts'
import type { DhtContact } from '../rpc/contacts.ts'
import { ackState } from '../rules/ack-state.ts'
import { Exploration } from '../rules/exploration.ts'
import { REPLICATION } from '../rules/network-size.ts'
import type { Prefix } from '../rules/prefix.ts'
import { isUnder } from '../rules/prefix.ts'
import { holdersIn, regionsOf } from '../rules/regions.ts'
import type { Region } from '../rules/regions.ts'
import type { AddRates } from '../server/rate-limit.ts'
import type { AnnounceOrder, AnnounceResult } from './announce.ts'
import type { AnnouncedRoot } from './announced-root.ts'

/** Peers that are told at the same time. */
const PUT_CONCURRENCY = 20

/** Keys on one stream: it is over within the time of one request. */
export const MAX_STREAM_KEYS = 100

/** What became of a region's roots. */
export interface RegionResult {
  readonly byRoot: ReadonlyMap<AnnouncedRoot, AnnounceResult>
  /** The parts of the key space the holders were found in. */
  readonly regions: readonly Prefix[]
  /** Some holders were left out, because they would have dropped what comes so fast. */
  readonly paced: boolean
}

/**
 * Announce many roots of one part of the key space together: find everybody there, then tell each of them all its keys
 * over one stream. A few lookups, however many roots there are. Never rejects.
 */
export async function announceRegion(
  network: Network,
  roots: readonly AnnouncedRoot[],
  prefix: Prefix,
  rates: AddRates,
  signals: Pick<AnnounceOrder, 'signal' | 'shutdown'>
): Promise<RegionResult> {
  const exploration = new Exploration<DhtContact>(prefix, network.position)
  for (let target = exploration.next(); target !== undefined && !signals.signal.aborted; target = exploration.next()) {
    exploration.found(await network.closest(target, signals))
  }
  const regions = regionsOf(exploration.prefix, exploration.contacts)
  const holders = new Map(roots.map((root) => [root, holdersOf(root, regions)]))
  const { acked, paced } = await tellEach(network, holders, rates, signals)
  return {
    regions: regions.map((region) => region.prefix),
    paced,
    byRoot: new Map(roots.map((root) => [root, resultOf(holders.get(root) ?? [], acked.get(root) ?? [])]))
  }
}

function holdersOf(root: AnnouncedRoot, regions: readonly Region<DhtContact>[]): readonly DhtContact[] {
  const region = regions.find((each) => isUnder(root.position, each.prefix))
  return region === undefined ? [] : holdersIn(region, root.position)
}

/** Who took which root. */
async function tellEach(
  network: Network,
  holders: ReadonlyMap<AnnouncedRoot, readonly DhtContact[]>,
  rates: AddRates,
  { signal, shutdown }: Pick<AnnounceOrder, 'signal' | 'shutdown'>
): Promise<{ acked: ReadonlyMap<AnnouncedRoot, DhtContact[]>; paced: boolean }> {
  const acked = new Map<AnnouncedRoot, DhtContact[]>()
  let paced = false
  const tasks = tasksOf(holders)
  const work = async (): Promise<void> => {
    for (let task = tasks.shift(); task !== undefined && !signal.aborted; task = tasks.shift()) {
      const { contact } = task
      // a holder drops what comes too fast without a word: what it would drop is told later
      const roots = task.roots.filter(() => rates.take(contact.key, Date.now()))
      paced ||= roots.length < task.roots.length
      network.meter.count('messages', roots.length)
      const keys = roots.map(({ key }) => key)
      const outcome = keys.length === 0 ? undefined : await network.rpc.put(contact, keys, { signal: shutdown })
      if (outcome?.ok === true) {
        roots.forEach((root) => {
          acked.set(root, [...(acked.get(root) ?? []), contact])
        })
      } else if (outcome !== undefined) {
        network.meter.count(outcome.why === 'timeout' ? 'timeouts' : 'failures')
      }
    }
  }
  await Promise.all(Array.from({ length: PUT_CONCURRENCY }, work))
  return { acked, paced }
}

interface Task {
  readonly contact: DhtContact
  readonly roots: readonly AnnouncedRoot[]
}

/** One for each holder and so many of its keys as go over one stream. Pure. */
export function tasksOf(holders: ReadonlyMap<AnnouncedRoot, readonly DhtContact[]>): Task[] {
  const byContact = new Map<string, { contact: DhtContact; roots: AnnouncedRoot[] }>()
  for (const [root, contacts] of holders) {
    for (const contact of contacts) {
      const known = byContact.get(contact.key) ?? { contact, roots: [] }
      known.roots.push(root)
      byContact.set(contact.key, known)
    }
  }
  return [...byContact.values()].flatMap(({ contact, roots }) =>
    Array.from({ length: Math.ceil(roots.length / MAX_STREAM_KEYS) }, (_, at) => ({
      contact,
      roots: roots.slice(at * MAX_STREAM_KEYS, (at + 1) * MAX_STREAM_KEYS)
    }))
  )
}

function resultOf(asked: readonly DhtContact[], holders: readonly DhtContact[]): AnnounceResult {
  const answered = new Map(holders.map((contact) => [contact.key, contact]))
  return {
    holders,
    answered,
    failed: new Map(asked.filter(({ key }) => !answered.has(key)).map((contact) => [contact.key, contact])),
    state: ackState({ acks: holders.length, holders: Math.min(REPLICATION, asked.length) }),
    alarm: false
  }
}

import { memberlistBytesPerSecond, MEMBERLIST_LAN } from '@p2pshare/testkit/sim'
import { METADATA_BYTES, OVERHEAD_BYTES } from './gossip-claims.ts'
import { SESSION_MS } from './gossip-runs.ts'
import { plain, tableOf } from './results-page.ts'
import type { ScenarioResult } from './results.ts'

/** Traffic may be so many times what it is compared with. */
const MOST_TIMES = 1.5

/** As few members as there are results for: what more of them cost is compared with these. */
const BASE_MEMBERS = 100

/** A memberlist whose peers have ids and metadata as ours, and no signatures. */
const IDENTITY_BYTES = 50
const MEMBERLIST_SIZES = {
  sessionMs: SESSION_MS,
  overheadBytes: OVERHEAD_BYTES,
  pingBytes: 24,
  changeBytes: IDENTITY_BYTES,
  memberBytes: IDENTITY_BYTES + METADATA_BYTES
}

/** Traffic beside what it is like: memberlist's by its formula, and our own with fewer members and the same events. */
export function likeForLike(results: readonly ScenarioResult[]): string {
  const churn = bytesOf(results, 'traffic-').map(([members, bytes]) => {
    const memberlist = memberlistBytesPerSecond(members, MEMBERLIST_LAN, MEMBERLIST_SIZES)
    return [String(members), plain(bytes), plain(memberlist), times(bytes / memberlist)]
  })
  const base = bytesOf(results, 'base-')
  const [, least = NaN] = base.find(([members]) => members === BASE_MEMBERS) ?? []
  const grown = base.map(([members, bytes]) => [String(members), plain(bytes), times(bytes / least)])
  return `## Like for like

The goal is at most ${MOST_TIMES} times. With natural churn (sessions of 3 h), beside what memberlist's LAN configuration sends by its
formula over such connections, with ids and metadata as large as ours, unsigned, its news without overhead, and without the
connections that it opens:

${tableOf(['members', 'bytes, B/s a node', 'memberlist, formula', 'times'], churn)}

With the study's events (natural churn, and five joins, leaves and crashes in a minute, whatever the number of members), beside
${BASE_MEMBERS} members:

${tableOf(['members', 'bytes, B/s a node', `times ${BASE_MEMBERS} members`], grown)}
`
}

/** By the number of members, ascending. */
function bytesOf(results: readonly ScenarioResult[], prefix: string): (readonly [number, number])[] {
  return results
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, figures }) => {
      const bytes = figures.find((figure) => figure.name === 'bytes')?.value ?? NaN
      return [Number(name.slice(prefix.length)), bytes] as const
    })
    .sort(([one], [other]) => one - other)
}

function times(value: number): string {
  return `${value.toFixed(2)}${value <= MOST_TIMES ? '' : ' **missed**'}`
}

import type { Stall, StallCause, StallRemedy } from './stall.ts'

/** How a download stands, as far as it matters for why nothing comes. */
export interface StallFacts {
  /** Peers with a session. */
  readonly connected: number
  /** Of those, the ones that hold something that is missing, or know the map while that is fetched. */
  readonly holders: number
  /** Of those, the ones that were asked for something that has not come. */
  readonly asked: number
  /** Peers without a session that may still be had. */
  readonly known: number
  /** Of those, the ones that are being dialled. */
  readonly dialing: number
  /** Of those, the ones that could not be reached the last time. */
  readonly failed: number
  /** Of those, the ones that were reached and refused: busy, most of all. */
  readonly refused: number
  /** Until the first of those is tried again; absent: none waits. */
  readonly retryInMs?: number
  /** What the last attempt that failed said. */
  readonly lastError?: string
  /** Peers that relays let no more through to, now. */
  readonly cutByRelay: number
  /** A cap of this node keeps it from reading for so long; 0: it reads. */
  readonly capInMs: number
  /** That cap, in bytes a second. */
  readonly cap: number
  /** Others are being looked for. */
  readonly searching: boolean
  /** The disk refuses, or leaves that came wait for it. */
  readonly disk?: DiskTrouble
}

/** What the disk does instead of writing. */
export type DiskTrouble =
  { readonly errno: string; readonly path: string; readonly retryInMs: number } | { readonly leaves: number }

/** Why nothing comes, from the nearest to the farthest: what this node does to itself, those it talks to, the others. */
export function decideStall(facts: StallFacts): Stall {
  const cause = causeOf(facts)
  return { cause, detail: DETAIL[cause](facts), trying: remediesFor(cause, facts) }
}

function causeOf(facts: StallFacts): StallCause {
  if (facts.disk !== undefined) {
    return 'disk'
  }
  if (facts.holders > 0) {
    return causeAmongHolders(facts)
  }
  if (facts.cutByRelay > 0) {
    return 'relay-limit'
  }
  if (facts.connected > 0 || facts.known === 0) {
    return 'no-peer'
  }
  // both happen to peers that come and go; that one said no tells more than that another one said nothing
  return facts.refused > 0 && facts.refused >= facts.failed ? 'choked' : 'unreachable'
}

/** Who has it is connected: it is a matter of being given it. */
function causeAmongHolders({ capInMs, asked, holders, cutByRelay }: StallFacts): StallCause {
  if (capInMs > 0) {
    return 'rate-limit'
  }
  if (cutByRelay >= holders) {
    return 'relay-limit'
  }
  return asked > 0 ? 'slow' : 'choked'
}

const DETAIL: Readonly<Record<StallCause, (facts: StallFacts) => string>> = Object.freeze({
  'no-peer': ({ connected }) =>
    connected === 0 ? 'nobody that has it is known' : `none of ${peers(connected)} connected has what is missing`,
  unreachable: ({ known, lastError }) =>
    `${known === 1 ? 'the peer that is known' : `none of the ${known} peers that are known`} ${
      known === 1 ? 'cannot' : 'can'
    } be reached${lastError === undefined ? '' : `: ${lastError}`}`,
  choked: ({ holders, refused, lastError }) =>
    holders > 0
      ? `${peers(holders)} with what is missing give${holders === 1 ? 's' : ''} no slot`
      : `${peers(refused)} refuse${refused === 1 ? 's' : ''}${lastError === undefined ? '' : `: ${lastError}`}`,
  slow: ({ asked }) =>
    `${peers(asked)} that ${asked === 1 ? 'was' : 'were'} asked send${asked === 1 ? 's' : ''} next to nothing`,
  'relay-limit': ({ cutByRelay }) => `the relay to ${peers(cutByRelay)} lets no more through`,
  'rate-limit': ({ cap }) => `the limit of this node, ${cap} bytes a second, is used up`,
  disk: ({ disk }) =>
    disk !== undefined && 'errno' in disk
      ? `the disk refuses: ${disk.errno} at ${disk.path}`
      : `the disk is busy with ${disk?.leaves ?? 0} pieces that came`
})

function remediesFor(cause: StallCause, facts: StallFacts): StallRemedy[] {
  const { disk, capInMs, asked, holders, dialing, known, retryInMs, searching } = facts
  if (cause === 'disk') {
    return [disk !== undefined && 'errno' in disk ? { type: 'wait-disk', inMs: disk.retryInMs } : { type: 'wait-disk' }]
  }
  if (cause === 'rate-limit') {
    return [{ type: 'wait-cap', inMs: capInMs }]
  }
  const trying: StallRemedy[] = []
  if (asked > 0) {
    trying.push({ type: 'wait-bytes', peers: asked })
  } else if (holders > 0) {
    trying.push({ type: 'wait-slot', peers: holders })
  }
  if (dialing > 0) {
    trying.push({ type: 'dial', peers: dialing })
  }
  if (retryInMs !== undefined) {
    trying.push({ type: 'reconnect', peers: known - dialing, inMs: retryInMs })
  }
  if (searching) {
    trying.push({ type: 'search' })
  }
  return trying
}

function peers(count: number): string {
  return count === 1 ? '1 peer' : `${count} peers`
}

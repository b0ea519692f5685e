import { setTimeout as delay } from 'node:timers/promises'
import { fetch } from './fetched.ts'
import type { Fetched } from './fetched.ts'
import { directFrom, longestGap } from './flow.ts'
import { setScene } from './scene.ts'
import type { Scene, SceneOptions } from './scene.ts'
import { wallMs } from './wall-clock.ts'

/** What one run found out, by name; what matters comes first. */
export type Findings = Readonly<Record<string, unknown>>

export interface RunOptions {
  readonly bytes: number
  /** End to end. */
  readonly lossPercent?: number
  /** Whose router restarts. */
  readonly side?: 'a' | 'b'
  /** It also gets another public address, as from a provider: mappings that nobody remembers do not come back. */
  readonly renumber?: boolean
  /** Data over libp2p's streams alone, and not by bulk channels. */
  readonly streams?: boolean
  /** The relay cuts a connection that carried so much. @default it carries what comes */
  readonly relayBytes?: number | undefined
  readonly verbose?: boolean
  /** Ends the run, with an error, and leaves nothing of it. */
  readonly signal?: AbortSignal | undefined
}

/** The move counts as over after this. */
const AROUND_MOVE_MS = { before: 500, after: 2_000 } as const
/** The transfer is well under way. */
const RESTART_AFTER_MS = 4_000
/** What a restart breaks, it breaks by then. */
const AFTER_RESTART_MS = 2_000
const SWITCH_EVERY_MS = 700
const SWITCHES = 50

/** b begins on the relay: only a asks for a direct path, and a second later. */
export async function moveRun(options: RunOptions): Promise<Findings> {
  await using scene = await setScene(sceneOf(options, { holePunching: false, dcutr: false }))
  const fetched = await fetch(scene)
  const { firstDirectMs, startedMs, gaps, stalls } = fetched
  const movedMs = scene.b.said.find((line) => line.type === 'path' && line['kind'] === 'direct')?.['atMs']
  const moment = Number(movedMs ?? firstDirectMs ?? startedMs)
  const around = [moment - AROUND_MOVE_MS.before, moment + AROUND_MOVE_MS.after] as const
  const gap = longestGap(gaps, ...around)
  return {
    ...common(fetched),
    toDirectPathMs: round(moment - startedMs),
    toDirectBytesMs: round((firstDirectMs ?? NaN) - startedMs),
    gapAtMoveMs: gap === undefined ? 'below 30' : round(gap.toMs - gap.fromMs),
    gapFromMoveMs: gap === undefined ? undefined : round(gap.fromMs - moment),
    stallsAtMove: stalls.filter(({ atMs }) => atMs >= around[0] && atMs <= around[1]).map(({ ms }) => round(ms)),
    ...details(scene, fetched, options)
  }
}

/** A router forgets everything in mid-transfer. */
export async function restartRun(options: RunOptions): Promise<Findings> {
  const { side = 'b' } = options
  await using scene = await setScene(sceneOf(options, {}))
  await direct(scene)
  const fetching = fetch(scene)
  await delay(RESTART_AFTER_MS)
  const restartMs = wallMs()
  await (options.renumber === true ? scene.lab.changeAddress(side) : scene.lab.restartRouter(side))
  const restartedMs = wallMs()
  const fetched = await fetching
  const gap = longestGap(fetched.gaps, restartMs, restartedMs + AFTER_RESTART_MS)
  const flowsMs = gap?.toMs ?? restartedMs
  const directMs = directFrom(fetched.spans, flowsMs)
  return {
    side,
    gapMs: gap === undefined ? 'below 30' : round(gap.toMs - gap.fromMs),
    flowsAgainMs: round(flowsMs - restartMs),
    flowsBy: gap?.after,
    directAgainMs: directMs === undefined ? 'never' : Math.max(0, round(directMs - restartMs)),
    ...common(fetched),
    ...details(scene, fetched, options)
  }
}

/** Over a path that is direct before it begins. */
export async function throughputRun(options: RunOptions): Promise<Findings> {
  await using scene = await setScene(sceneOf(options, {}))
  await direct(scene)
  const fetched = await fetch(scene)
  return { lossPercent: options.lossPercent ?? 0, ...common(fetched), ...details(scene, fetched, options) }
}

/** Moves from relay to direct and back, whatever is better. */
export async function switchRun(options: RunOptions): Promise<Findings> {
  await using scene = await setScene(sceneOf(options, {}, { flips: true }))
  await direct(scene)
  const fetched = await fetch(scene, { flipEveryMs: String(SWITCH_EVERY_MS), maxFlips: String(SWITCHES) })
  // between the first switch and the last one
  const span = [fetched.startedMs + SWITCH_EVERY_MS, fetched.startedMs + SWITCH_EVERY_MS * (SWITCHES + 1)] as const
  const gap = longestGap(fetched.gaps, ...span)
  return {
    switches: fetched.flips,
    followed: fetched.followed,
    longestGapMs: gap === undefined ? 'below 30' : round(gap.toMs - gap.fromMs),
    ...common(fetched),
    ...details(scene, fetched, options)
  }
}

async function direct({ b, aId, circuits }: Scene): Promise<void> {
  b.tell({ do: 'meet', id: aId, addresses: circuits })
  await b.says('met', 30_000)
}

function sceneOf(
  { bytes, lossPercent = 0, relayBytes, streams = false, signal }: RunOptions,
  nat: object,
  more: object = {}
): SceneOptions {
  // of two links, each way, one of the two loses a packet
  const each = (1 - Math.sqrt(1 - lossPercent / 100)) * 100
  return {
    ...{ bytes, relayBytes, signal },
    lab: { lossPercent: each },
    b: { nat, transfer: { bulkChannels: !streams }, ...more }
  }
}

function common({
  address,
  bytes,
  bytesReceived,
  cpuSeconds,
  endedMs,
  isSame,
  relayedBytes,
  startedMs,
  totals
}: Fetched): Findings {
  const seconds = (endedMs - startedMs) / 1000
  return {
    hashEqual: isSame,
    receivedShare: Math.round((bytesReceived / bytes) * 10_000) / 10_000,
    relayedMiB: round(totals.relay / 2 ** 20),
    relayCountedMiB: round(relayedBytes / 2 ** 20),
    directMiB: round(totals.direct / 2 ** 20),
    seconds: Math.round(seconds * 100) / 100,
    mbitPerSecond: round((bytes * 8) / seconds / 1e6),
    cpuSeconds: Math.round(cpuSeconds * 100) / 100,
    address
  }
}

function details({ a }: Scene, { gaps, said, spans, stalls, startedMs }: Fetched, { verbose }: RunOptions): Findings {
  if (verbose !== true) {
    return {}
  }
  const lines = [...said, ...a.said].filter(({ type }) => type !== 'got' && type !== 'hashed' && type !== 'shared')
  return {
    gaps: gaps
      .filter(({ fromMs, toMs }) => toMs - fromMs > 60)
      .map(({ fromMs, toMs, after }) => `${round(fromMs - startedMs)}+${round(toMs - fromMs)} ${after}`),
    stalls: stalls.map(({ atMs, ms }) => `${round(atMs - startedMs)}+${round(ms)}`),
    spans: spans.map(({ atMs, relay, direct }) => `${round(atMs - startedMs)}:${kib(relay)}/${kib(direct)}`).join(' '),
    said: lines.map((line) => JSON.stringify({ ...line, atMs: round(Number(line['atMs']) - startedMs) }))
  }
}

function kib(bytes: number): number {
  return round(bytes / 1024)
}

function round(value: number): number {
  return Math.round(value)
}

import { HARD_TIMEOUT_MS, HEDGE_MS, MAX_DIALS, rankProviders } from '@p2pshare/dht/rules'
import type { ProviderFacts } from '@p2pshare/dht/rules'
import { firstWorking } from '@p2pshare/testkit/sim'
import type { DialOutcome, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { Recorder } from './dht-recorder.ts'

/** Of the providers, membership knows so many; of their deaths it knows nearly all, and it rarely errs about the living. */
const KNOWN = 0.85
const DEATHS_KNOWN = 0.95
const WRONGLY_SUSPECTED = 0.01

/** Of the dead. */
const SILENT = 0.7

/** Dial, handshakes, request and a verified block. */
const ROUND_TRIPS = 5
const SERVE_MS = 5
const SERVE_JITTER_MS = 20

const NAIVE_TIMEOUT_MS = 10_000

export interface DialSetting {
  readonly providers: number
  readonly deadShare: number
  readonly searches: number
  /** Of the providers that membership knows. @default 0.85 */
  readonly known?: number
}

interface Candidate extends ProviderFacts {
  readonly outcome: DialOutcome
}

/** From a list of providers, of which many are gone, to the first that works. */
export function dials({ providers, deadShare, searches, known = KNOWN }: DialSetting, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const { random } = recorder
  for (let search = 0; search < searches; search++) {
    const all = Array.from({ length: providers }, (_, at) => candidate(at, deadShare, known, random))
    if (all.every(({ outcome }) => !outcome.ok)) {
      continue
    }
    const ranked = rankProviders(all, false)
    const ours = firstWorking({
      ...outcomesOf(ranked),
      hedgeMs: HEDGE_MS,
      maxDials: MAX_DIALS,
      hardMs: HARD_TIMEOUT_MS
    })
    const naive = firstWorking({ ...outcomesOf(all), hedgeMs: Infinity, maxDials: 1, hardMs: NAIVE_TIMEOUT_MS })
    recorder.hash.add(Math.round(ours.atMs * 1000))
    recorder.note('first working', ours.atMs)
    recorder.note('dials', ours.dials)
    recorder.note('naive', naive.atMs)
    recorder.passed(ours.atMs)
  }
  return recorder.run
}

function outcomesOf(candidates: readonly Candidate[]): { outcomes: DialOutcome[] } {
  return { outcomes: candidates.map(({ outcome }) => outcome) }
}

function candidate(at: number, deadShare: number, known: number, random: Random): Candidate {
  const isDead = random.float() < deadShare
  const isSilent = random.float() < SILENT
  const apart = Math.hypot(random.float() - random.float(), random.float() - random.float()) / Math.SQRT2
  const rttMs = 10 + 240 * apart
  const isKnown = random.float() < known
  const says = isDead ? random.float() < DEATHS_KNOWN : random.float() < WRONGLY_SUSPECTED
  const aliveAfterMs = ROUND_TRIPS * rttMs + SERVE_MS + SERVE_JITTER_MS * random.float()
  return {
    key: String(at),
    liveness: isKnown ? (says ? 'dead' : 'alive') : 'unknown',
    ...(isKnown ? { rttMs } : {}),
    responder: 'holder',
    responderDistance: 0,
    outcome: isDead ? { afterMs: isSilent ? Infinity : rttMs, ok: false } : { afterMs: aliveAfterMs, ok: true }
  }
}

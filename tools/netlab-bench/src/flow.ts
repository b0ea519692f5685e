/** What a connection runs over. */
export type Way = 'relay' | 'direct'

/** Nothing came from `fromMs` to `toMs`; `after` says by which way the next bytes came. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly after: Way
}

/** Bytes that came in one span of time. */
export interface Span {
  readonly atMs: number
  readonly relay: number
  readonly direct: number
}

/** Shorter ones are how packets come anyway, and a run has thousands of them. */
const LEAST_GAP_MS = 30
const SPAN_MS = 100

/** When bytes came, by which way. Pure: the caller tells the time. */
export class Flow {
  readonly gaps: Gap[] = []
  readonly spans: Span[] = []
  readonly totals: Record<Way, number> = { relay: 0, direct: 0 }
  /** Of the first bytes that came directly. */
  firstDirectMs: number | undefined
  #lastMs: number | undefined

  took(way: Way, bytes: number, nowMs: number): void {
    if (this.#lastMs !== undefined && nowMs - this.#lastMs >= LEAST_GAP_MS) {
      this.gaps.push({ fromMs: this.#lastMs, toMs: nowMs, after: way })
    }
    this.#lastMs = nowMs
    this.totals[way] += bytes
    if (way === 'direct') {
      this.firstDirectMs ??= nowMs
    }
    const atMs = Math.floor(nowMs / SPAN_MS) * SPAN_MS
    const last = this.spans.at(-1)
    const span = last?.atMs === atMs ? last : { atMs, relay: 0, direct: 0 }
    const next = { ...span, [way]: span[way] + bytes }
    this.spans.splice(span === last ? -1 : this.spans.length, 1, next)
  }
}

/** The longest of those that touch a span of time; `undefined`: there is none. */
export function longestGap(gaps: readonly Gap[], fromMs: number, toMs: number): Gap | undefined {
  return gaps
    .filter((gap) => gap.toMs >= fromMs && gap.fromMs <= toMs)
    .toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0]
}

/** When bytes first came directly from a moment on; `undefined`: never again. */
export function directFrom(spans: readonly Span[], fromMs: number): number | undefined {
  return spans.find(({ atMs, direct }) => atMs >= fromMs && direct > 0)?.atMs
}

/** What dialling one provider leads to. */
export interface DialOutcome {
  /** `Infinity`: silence. */
  readonly afterMs: number
  readonly ok: boolean
}

export interface HedgeInit {
  /** In the order they are dialled. */
  readonly outcomes: readonly DialOutcome[]
  /** The next is dialled so long after the last, or when one has failed. */
  readonly hedgeMs: number
  readonly maxDials: number
  /** A silent one has failed. */
  readonly hardMs: number
}

/** When the first dial succeeds (`Infinity`: none does), and how many were made until then. */
export function firstWorking({ outcomes, hedgeMs, maxDials, hardMs }: HedgeInit): { atMs: number; dials: number } {
  const flying: { endsAt: number; ok: boolean }[] = []
  let now = 0
  let mayDialAt = 0
  let dials = 0
  for (;;) {
    const next = dials < outcomes.length && flying.length < maxDials ? Math.max(now, mayDialAt) : Infinity
    const first = Math.min(Infinity, ...flying.map(({ endsAt }) => endsAt))
    now = Math.min(next, first)
    if (now === Infinity) {
      return { atMs: Infinity, dials }
    }
    if (first <= next) {
      const [ended] = flying.splice(
        flying.findIndex(({ endsAt }) => endsAt === first),
        1
      )
      if (ended?.ok === true) {
        return { atMs: now, dials }
      }
      mayDialAt = now
    } else {
      const { afterMs, ok } = outcomes[dials++] ?? { afterMs: Infinity, ok: false }
      flying.push({ endsAt: now + Math.min(afterMs, hardMs), ok: ok && afterMs <= hardMs })
      mayDialAt = now + hedgeMs
    }
  }
}

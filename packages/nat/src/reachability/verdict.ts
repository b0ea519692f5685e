import {
  BUSY_RETRY_MS,
  MAX_UNREACHABLE_RETRY_MS,
  REFUSED_RETRY_MS,
  REQUIRED_FAILURES,
  UNREACHABLE_RETRY_MS,
  VERIFIED_FOR_MS
} from './constants.ts'

/** What one peer said when it was asked to dial an address. */
export type DialBackResult = 'ok' | 'unreachable' | 'refused' | 'try-later'

/** What dial-backs found out about one address. */
export interface Verdict {
  readonly status: 'unknown' | 'verified' | 'unreachable'
  /** When that became so, or was last confirmed. */
  readonly at: number
  /** Ask again from then on. */
  readonly askAt: number
  /** Peers that could not reach it since somebody last could. */
  readonly failedBy: readonly string[]
  /** How often in a row it was found unreachable. */
  readonly rounds: number
  /** Until when not to ask these peers about it again. */
  readonly notBefore: Readonly<Record<string, number>>
}

/** Nobody was asked. */
export const NO_VERDICT: Verdict = { status: 'unknown', at: 0, askAt: 0, failedBy: [], rounds: 0, notBefore: {} }

/** One answer, by `peer`, at `now`. Pure. */
export function nextVerdict(verdict: Verdict, peer: string, result: DialBackResult, now: number): Verdict {
  switch (result) {
    case 'ok':
      return { ...NO_VERDICT, status: 'verified', at: now, askAt: now + VERIFIED_FOR_MS }
    case 'unreachable': {
      const failedBy = [...new Set([...verdict.failedBy, peer])]
      if (failedBy.length < REQUIRED_FAILURES && !verdict.failedBy.includes(peer)) {
        return { ...notBy(verdict, peer, now + UNREACHABLE_RETRY_MS, now), failedBy }
      }
      // a second peer failed, or the only one there is a second time
      const rounds = verdict.rounds + 1
      const waitMs = Math.min(UNREACHABLE_RETRY_MS * 2 ** (rounds - 1), MAX_UNREACHABLE_RETRY_MS)
      return { status: 'unreachable', at: now, askAt: now + waitMs, failedBy: [], rounds, notBefore: {} }
    }
    case 'refused':
      return notBy(verdict, peer, now + REFUSED_RETRY_MS, now)
    case 'try-later':
      return notBy(verdict, peer, now + BUSY_RETRY_MS, now)
  }
}

/** Whether to ask `peer` now. Pure. */
export function mayAsk(verdict: Verdict, peer: string, now: number): boolean {
  return now >= verdict.askAt && now >= (verdict.notBefore[peer] ?? 0)
}

/** When somebody may be asked next. Pure. */
export function nextAskAt(verdict: Verdict): number {
  const peers = Object.values(verdict.notBefore)
  return Math.max(verdict.askAt, peers.length === 0 ? 0 : Math.min(...peers))
}

function notBy(verdict: Verdict, peer: string, until: number, now: number): Verdict {
  const others = Object.entries(verdict.notBefore).filter(([, end]) => end > now)
  return { ...verdict, notBefore: { ...Object.fromEntries(others), [peer]: until } }
}

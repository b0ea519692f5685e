import { pickLink } from './better-link.ts'
import type { Link, LinkLook, PathEffect, PathEvent, PathState, PathTuning, Retry } from './path-state.ts'

/** A state and what follows from how it came. */
export interface PathStep {
  readonly state: PathState
  readonly effects: readonly PathEffect[]
}

/**
 * The next state of the ways to one peer. `now` is a clock that does not go back; `random` gives 0 to 1. Pure.
 *
 * Make before break: a relayed link is closed only while a better one is the best, and nothing is open on it that has to
 * stay. A link that is silent while data should flow is dead: bytes take another at once, then it is aborted.
 */
export function stepPath(
  before: PathState,
  event: PathEvent,
  now: number,
  random: () => number,
  tuning: PathTuning
): PathStep {
  const links = stepLinks(before, event, now, tuning)
  const best = pickLink(links, before.best, tuning)
  const { best: _best, ...rest } = before
  const busyAt = links.some(({ busy }) => busy) ? now : before.busyAt
  const chosen: PathState = {
    ...rest,
    links,
    ...(best === undefined ? {} : { best: best.id }),
    ...(busyAt === undefined ? {} : { busyAt })
  }
  const ended = event.type === 'tick' ? endLinks(chosen, now, tuning) : { state: chosen, effects: [] }
  const recovering = stepRecovery(ended.state, before, event, now, tuning)
  const punching = stepPunch(recovering.state, before, event, now, random, tuning)
  return {
    state: punching.state,
    effects: [
      ...probesOf(before.links, punching.state.links),
      ...ended.effects,
      ...recovering.effects,
      ...punching.effects
    ]
  }
}

function stepLinks(state: PathState, event: PathEvent, now: number, tuning: PathTuning): readonly Link[] {
  switch (event.type) {
    case 'opened':
      return [...state.links.filter(({ id }) => id !== event.id), opened(event, state.links.length > 0, now)]
    case 'closed':
      return state.links.filter(({ id }) => id !== event.id)
    case 'answered':
      return state.links.map((link) => (link.id === event.id ? answered(link, event.rttMs, now, tuning) : link))
    case 'unanswered':
      return state.links.map((link) => (link.id === event.id ? { ...link, probing: false } : link))
    case 'network-changed':
      // what a relay carries goes over the same interfaces; it is what there is to fall back on all the same
      return state.links.map((link) =>
        link.kind === 'relay' || link.health === 'dead'
          ? link
          : { ...link, health: 'suspect', probedAt: link.probedAt ?? now, probing: true }
      )
    case 'tick':
      return lookedAll(state.links, new Map(event.looks.map((look) => [look.id, look])), now, tuning)
    case 'punched':
    case 'dialled':
      return state.links
  }
}

/** A second link is probed at once: two can be compared only by what was measured. */
function opened({ id, kind, rttMs }: PathEvent & { type: 'opened' }, second: boolean, now: number): Link {
  return {
    ...{ id, kind, openedAt: now, lookedAt: now, aliveAt: now, answeredAt: now, idleSince: now },
    ...{ bytesPerSecond: 0, bytesIn: 0, bytesOut: 0, busy: false, closing: false, probing: second, patienceMs: 0 },
    health: 'well',
    ...(rttMs === undefined ? {} : { rttMs })
  }
}

function answered(link: Link, rttMs: number, now: number, tuning: PathTuning): Link {
  const { probedAt: _probedAt, ...rest } = link
  const patienceMs = patience(link, tuning)
  return { ...rest, rttMs, aliveAt: now, answeredAt: now, probing: false, health: 'well', patienceMs }
}

/** It was silent and answers in time: its peer had nothing to say. */
function patience({ busy, health, probedAt, patienceMs }: Link, { silentProbeMs, maxPatienceMs }: PathTuning): number {
  if (health !== 'well') {
    return 0
  }
  const wasHarmless = busy && probedAt !== undefined
  return wasHarmless ? Math.min(maxPatienceMs, Math.max(silentProbeMs, 2 * patienceMs)) : patienceMs
}

/** Where one is silent that should not be, all others are asked too: what to fall back on has to be known by then. */
function lookedAll(
  links: readonly Link[],
  looks: ReadonlyMap<string, LinkLook>,
  now: number,
  tuning: PathTuning
): readonly Link[] {
  const counted = links.map((link) => {
    const look = looks.get(link.id)
    return look === undefined || link.closing ? link : count(link, look, now)
  })
  const inDoubt = counted.some((link) => !link.closing && isPressing(link) && isSilent(link, now))
  return counted.map((link) => (link.closing || !looks.has(link.id) ? link : age(link, inDoubt, now, tuning)))
}

/** The link after a look: its bytes, and whether they moved. */
function count(link: Link, look: LinkLook, now: number): Link {
  const { idleSince = now, ...rest } = link
  const heard = look.bytesIn - link.bytesIn
  const sent = look.bytesOut - link.bytesOut
  // what leaves says nothing of a path that is in doubt: buffers take it
  const alive = heard > 0 || (sent > 0 && link.health === 'well')
  const seconds = Math.max(1, now - link.lookedAt) / 1000
  return {
    ...rest,
    bytesIn: look.bytesIn,
    bytesOut: look.bytesOut,
    lookedAt: now,
    busy: look.busy,
    ...(look.live ? {} : { idleSince }),
    bytesPerSecond: Math.max(link.bytesPerSecond, (heard + sent) / seconds),
    aliveAt: alive ? now : link.aliveAt,
    health: alive ? 'well' : link.health
  }
}

/** How long it has been silent, and what follows from that. */
function age(link: Link, inDoubt: boolean, now: number, tuning: PathTuning): Link {
  const { probedAt, ...rest } = link
  if (link.aliveAt === now) {
    const unknown = link.rttMs === undefined || now - link.answeredAt >= tuning.busyProbeMs
    return { ...rest, probing: link.probing || unknown }
  }
  const pressing = inDoubt || isPressing(link)
  const silentMs = pressing ? silence(link, now) : 0
  const allowedMs = allowed(link, tuning)
  // what would be fallen back on has to answer before it is
  const isLate = silentMs >= (link.busy ? allowedMs : allowedMs / 2)
  const health =
    silentMs >= tuning.missedProbes * allowedMs ? 'dead' : isLate && link.health === 'well' ? 'suspect' : link.health
  // at once where bytes stopped that never did; where only an answer was heard, not before a while has passed
  const leastMs = link.answeredAt >= link.aliveAt ? tuning.silentProbeMs : 0
  const pauseMs = pressing ? Math.max(leastMs, link.patienceMs) : tuning.idleProbeMs
  const due = !link.probing && now - link.aliveAt >= pauseMs
  const since = probedAt ?? (link.probing || due ? now : undefined)
  return { ...rest, health, probing: link.probing || due, ...(since === undefined ? {} : { probedAt: since }) }
}

/** Whether it matters that it is silent. */
function isPressing({ busy, health }: Link): boolean {
  return busy || health !== 'well'
}

/** Its bytes stopped, or its answer takes longer than the last one did by far. */
function isSilent(link: Link, now: number): boolean {
  const stopped = now - link.aliveAt > link.patienceMs && link.aliveAt > link.answeredAt
  return stopped || link.health !== 'well' || silence(link, now) > 2 * (link.rttMs ?? 0)
}

/** For how long a probe of it has had no answer, and no byte has come. */
function silence({ probedAt, aliveAt }: Link, now: number): number {
  return probedAt === undefined ? 0 : now - Math.max(probedAt, aliveAt)
}

/** For how long it may be silent before bytes take another path. */
function allowed({ rttMs = 0 }: Link, { probeIntervalMs, lateRoundTrips }: PathTuning): number {
  return Math.max(probeIntervalMs, lateRoundTrips * rttMs)
}

function probesOf(before: readonly Link[], after: readonly Link[]): PathEffect[] {
  const under = new Set(before.filter(({ probing }) => probing).map(({ id }) => id))
  return after.filter(({ id, probing }) => probing && !under.has(id)).map(({ id }) => ({ type: 'probe', id }))
}

/** Dead links are cut where there is another; drained relays are closed beside a direct link that is well. */
function endLinks(state: PathState, now: number, tuning: PathTuning): PathStep {
  const best = state.links.find(({ id }) => id === state.best)
  if (best?.health !== 'well') {
    return { state, effects: [] }
  }
  const effects: PathEffect[] = []
  const links = state.links.map((link): Link => {
    if (link.closing || link.id === best.id) {
      return link
    }
    if (link.health === 'dead') {
      effects.push({ type: 'abort', id: link.id })
      return { ...link, closing: true }
    }
    const { idleSince } = link
    const drained = idleSince !== undefined && now - idleSince >= tuning.drainMs
    if (link.kind === 'relay' && best.kind !== 'relay' && drained && now - best.openedAt >= tuning.drainMs) {
      effects.push({ type: 'close', id: link.id })
      return { ...link, closing: true }
    }
    return link
  })
  return { state: { ...state, links }, effects }
}

/**
 * A peer that was lost in the middle of something is dialled through a relay, also while a dead link still hangs, and when
 * the only link has been silent for so long that it will hardly come back.
 */
function stepRecovery(
  state: PathState,
  before: PathState,
  event: PathEvent,
  now: number,
  tuning: PathTuning
): PathStep {
  const { recovery, ...rest } = state
  // half of what makes it suspect: by then the relay is there
  const works = state.links.some(
    (link) => !link.closing && link.health === 'well' && silence(link, now) < allowed(link, tuning) / 2
  )
  const wanted = state.busyAt !== undefined && now - state.busyAt <= tuning.recentDataMs
  if (works || (recovery === undefined && !(wanted && before.links.length > 0))) {
    return { state: rest, effects: [] }
  }
  let retry: Retry = recovery ?? { tries: 0, dueAt: now, running: false }
  if (event.type === 'dialled') {
    retry = { ...retry, running: false, dueAt: now + tuning.recoveryBackoffMs * 2 ** (retry.tries - 1) }
  }
  if (!retry.running && retry.tries >= tuning.maxRecoveryDials) {
    // gone: nothing is wanted of it any more
    const { busyAt: _busyAt, ...gone } = rest
    return { state: gone, effects: [] }
  }
  if (retry.running || now < retry.dueAt) {
    return { state: { ...state, recovery: retry }, effects: [] }
  }
  return {
    state: { ...state, recovery: { ...retry, tries: retry.tries + 1, running: true } },
    effects: [{ type: 'dial-relay' }]
  }
}

/** Where a direct path was lost and a relay is the best there is, one is asked for again, with growing pauses. */
function stepPunch(
  state: PathState,
  before: PathState,
  event: PathEvent,
  now: number,
  random: () => number,
  tuning: PathTuning
): PathStep {
  const { punch, ...rest } = state
  const best = state.links.find(({ id }) => id === state.best)
  const retry = nextPunch(punch, { state, before, event, now, random, tuning })
  if (retry === undefined) {
    return { state: rest, effects: [] }
  }
  if (best?.kind !== 'relay' || retry.running || now < retry.dueAt) {
    return { state: { ...rest, punch: retry }, effects: [] }
  }
  return {
    state: { ...rest, punch: { ...retry, tries: retry.tries + 1, running: true } },
    effects: [{ type: 'punch' }]
  }
}

interface PunchStep {
  readonly state: PathState
  readonly before: PathState
  readonly event: PathEvent
  readonly now: number
  readonly random: () => number
  readonly tuning: PathTuning
}

function nextPunch(
  punch: Retry | undefined,
  { state, before, event, now, random, tuning }: PunchStep
): Retry | undefined {
  const best = state.links.find(({ id }) => id === state.best)
  const was = before.links.find(({ id }) => id === before.best)
  const tries = punch?.tries ?? 0
  if (event.type === 'punched') {
    return punch === undefined ? undefined : { tries, dueAt: now + backoff(tries, random, tuning), running: false }
  }
  if (event.type === 'network-changed') {
    return { tries: 0, dueAt: now, running: punch?.running ?? false }
  }
  if (was !== undefined && was.kind !== 'relay' && (best === undefined || best.kind === 'relay')) {
    // a direct path that dies soon each time is not asked for at once
    const isGood = now - was.openedAt >= tuning.stableMs || tries === 0
    return { tries: isGood ? 0 : tries, dueAt: now + (isGood ? 0 : backoff(tries, random, tuning)), running: false }
  }
  return punch ?? (tuning.punchUnasked && best?.kind === 'relay' ? { tries, dueAt: now, running: false } : undefined)
}

/** Doubles with each try; up to a fifth more, so that two ends do not keep step. */
function backoff(tries: number, random: () => number, { punchMinMs, punchMaxMs }: PathTuning): number {
  const pauseMs = Math.min(punchMaxMs, punchMinMs * 2 ** Math.min(30, Math.max(0, tries - 1)))
  return pauseMs * (1 + random() / 5)
}

import type { Roster } from './roster.ts'
import { isLive, NOBODY } from './state.ts'
import type { MemberIndex } from './types.ts'

/** Views differ while claims travel: an observer may be second on a ring of ours and first on one of its own. */
export const RANK_TOLERANCE = 1

/** States of members by index, of one view. The member whose view it is counts as live in it. */
export type States = Readonly<Uint8Array>

function take(out: Int32Array, ring: number, candidate: MemberIndex): boolean {
  for (let before = 0; before < ring; before++) {
    if (out[before] === candidate) {
      return false
    }
  }
  out[ring] = candidate
  return true
}

function walk(
  roster: Roster,
  isIn: (candidate: MemberIndex) => boolean,
  member: MemberIndex,
  step: 1 | -1,
  out: Int32Array
): Int32Array {
  const { size } = roster
  for (let ring = 0; ring < out.length; ring++) {
    out[ring] = NOBODY
    const order = roster.order(ring)
    let place = roster.place(ring, member)
    for (let steps = 1; steps < size; steps++) {
      place = (place + step + size) % size
      const candidate = order[place] ?? NOBODY
      if (isIn(candidate) && candidate !== member && take(out, ring, candidate)) {
        break
      }
    }
  }
  return out
}

/**
 * Whom the member observes: on each ring the first live one after it that is not its subject on an earlier ring. Where
 * there are fewer than rings, everybody.
 */
export function subjectsOf(roster: Roster, states: States, member: MemberIndex, out: Int32Array): Int32Array {
  return walk(roster, (candidate) => isLive(states[candidate]), member, 1, out)
}

/** Who observes the member, as far as it matters: on each ring the first live one before it, none twice. */
export function observersOf(roster: Roster, states: States, member: MemberIndex, out: Int32Array): Int32Array {
  return walk(roster, (candidate) => isLive(states[candidate]), member, -1, out)
}

/** The same where the rings are of those that `isIn` says. */
export function observersAmong(
  roster: Roster,
  isIn: (candidate: MemberIndex) => boolean,
  member: MemberIndex,
  out: Int32Array
): Int32Array {
  return walk(roster, isIn, member, -1, out)
}

/**
 * Whether a vote of the one against the other counts: on some ring it is the first or (`RANK_TOLERANCE`) second live
 * one before it, or by our view it is a subject of its. In a network of hardly more members than rings, always. The
 * observer itself need not be live any more: evidence outlives its accusers.
 */
export function mayVote(
  roster: Roster,
  states: States,
  rings: number,
  liveCount: number,
  observer: MemberIndex,
  subject: MemberIndex
): boolean {
  if (observer === subject) {
    return false
  }
  if (liveCount <= rings + RANK_TOLERANCE) {
    return true
  }
  const { size } = roster
  for (let ring = 0; ring < rings; ring++) {
    const order = roster.order(ring)
    let place = roster.place(ring, subject)
    let between = 0
    for (let steps = 1; steps < size && between <= RANK_TOLERANCE; steps++) {
      place = place === 0 ? size - 1 : place - 1
      const candidate = order[place] ?? NOBODY
      if (candidate === observer) {
        return true
      }
      between += isLive(states[candidate]) ? 1 : 0
    }
  }
  return subjectsOf(roster, states, observer, new Int32Array(rings)).includes(subject)
}

/** Whether a member that came stands before a subject on some ring: then the subjects are to be looked up again. */
export function comesBefore(roster: Roster, self: MemberIndex, subjects: Int32Array, member: MemberIndex): boolean {
  for (let ring = 0; ring < subjects.length; ring++) {
    const subject = subjects[ring] ?? NOBODY
    if (subject === NOBODY) {
      return true
    }
    const own = roster.position(self, ring)
    // unsigned distances, once around
    if ((roster.position(member, ring) - own) >>> 0 <= (roster.position(subject, ring) - own) >>> 0) {
      return true
    }
  }
  return false
}

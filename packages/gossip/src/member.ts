import type { MemberState } from '@p2pshare/interface'

/**
 * What is known about one member. Pure: `member-list.ts` holds the records and is the only writer.
 *
 * The state diagram is in SPEC.md#liveness.
 */
export interface MemberRecord {
  readonly state: Exclude<MemberState, 'suspect'>
  /** When `state` was entered. */
  readonly since: number
  readonly connected: boolean
  /** Highest sequence number of its messages that counted; an older message is a replay. */
  readonly sequence: bigint
  /** When it counts as dead unless it is heard of again. Only while alive and not connected. */
  readonly deadline?: number
}

/** What can happen to a member. `sequence` is that of the signed gossipsub message. */
export type MemberEvent =
  /** A connection to it is open and it is in the members topic. */
  | { readonly type: 'connected' }
  /** The last connection closed, or it left the topic. */
  | { readonly type: 'disconnected' }
  | { readonly type: 'here'; readonly sequence: bigint }
  | { readonly type: 'leaving'; readonly sequence: bigint }
  /** Time passed. */
  | { readonly type: 'tick' }

/** Milliseconds. */
export interface MemberTiming {
  /** From the last closed connection to death. */
  readonly graceMs: number
  /** From the last announcement of a member that is not connected to death. */
  readonly presenceMs: number
}

const UNHEARD = -1n

/** The record after `event`; `undefined` when there is still nothing to remember, the same object when nothing changed. */
export function nextMember(
  record: MemberRecord | undefined,
  event: MemberEvent,
  now: number,
  timing: MemberTiming
): MemberRecord | undefined {
  switch (event.type) {
    case 'connected':
      return record?.connected === true && record.state === 'alive' ? record : alive(record, true, now, undefined)

    case 'disconnected': {
      if (record?.connected !== true) {
        return record
      }
      const { state, since, sequence } = record
      const gone = { state, since, sequence, connected: false }
      return state === 'alive' ? { ...gone, deadline: now + timing.graceMs } : gone
    }

    case 'here': {
      if (event.sequence <= (record?.sequence ?? UNHEARD)) {
        return record
      }
      const connected = record?.connected === true
      const next = alive(record, connected, now, connected ? undefined : now + timing.presenceMs)
      return { ...next, sequence: event.sequence }
    }

    case 'leaving':
      // of one we never met there is nothing to remember
      if (record === undefined || event.sequence <= record.sequence) {
        return record
      }
      return { state: 'left', since: now, connected: record.connected, sequence: event.sequence }

    case 'tick': {
      if (record?.deadline === undefined || record.deadline > now) {
        return record
      }
      return { state: 'dead', since: now, connected: false, sequence: record.sequence }
    }
  }
}

function alive(
  record: MemberRecord | undefined,
  connected: boolean,
  now: number,
  deadline: number | undefined
): MemberRecord {
  return {
    state: 'alive',
    since: record?.state === 'alive' ? record.since : now,
    connected,
    sequence: record?.sequence ?? UNHEARD,
    ...(deadline === undefined ? {} : { deadline })
  }
}

import { TypedEventEmitter } from '@libp2p/interface'
import type { Logger, PeerId } from '@libp2p/interface'
import type { Member, MembershipEvents, MembershipView, MemberState } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Entry } from '../../src/share/entry.ts'
import { DOUBT_MS, LivenessWatch } from '../../src/share/liveness-watch.ts'

const root = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
const peer = { toString: () => 'peer' } as unknown as PeerId

class Members extends TypedEventEmitter<MembershipEvents> implements MembershipView {
  state: MemberState = 'alive'

  members(): readonly Member[] {
    return [this.member()]
  }

  member(): Member {
    return { id: peer, state: this.state, since: 0 }
  }

  become(type: keyof MembershipEvents, state: MemberState): void {
    this.state = state
    this.safeDispatchEvent(type, { detail: this.member() })
  }
}

let members: Members
let ended: string[]
let revived: PeerId[]
let received: number | undefined
let stopping: AbortController

beforeEach(() => {
  vi.useFakeTimers()
  members = new Members()
  ended = []
  revived = []
  received = 10
  stopping = new AbortController()
  const session = {
    fail: (error: Error) => {
      ended.push(error.message)
    }
  }
  const swarm = { session: () => (received === undefined ? undefined : session), receivedFrom: () => received }
  // the watch looks at nothing else
  const entry = { root, swarm } as unknown as Entry
  new LivenessWatch({
    membership: members,
    log: (() => undefined) as unknown as Logger,
    entries: () => [entry],
    connectors: [{ revived: (id) => revived.push(id) }],
    signal: stopping.signal
  }).start()
})
afterEach(() => {
  stopping.abort()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('the session of a peer that left ends at once', () => {
  members.become('member:leave', 'left')
  expect(ended).toEqual(['the peer left'])
})

test('that of a dead peer ends when nothing comes from it any more', async () => {
  members.become('member:dead', 'dead')
  expect(ended).toEqual([])
  await vi.advanceTimersByTimeAsync(DOUBT_MS)
  expect(ended).toEqual(['the peer is dead'])
})

test('that of a peer that is said to be dead and goes on sending stays', async () => {
  members.become('member:dead', 'dead')
  received = 11
  await vi.advanceTimersByTimeAsync(DOUBT_MS)
  expect(ended).toEqual([])
})

test('that of a peer that refuted its death in time stays', async () => {
  members.become('member:dead', 'dead')
  members.become('member:join', 'alive')
  await vi.advanceTimersByTimeAsync(DOUBT_MS)
  expect(ended).toEqual([])
  expect(revived).toEqual([peer])
})

test('a peer without a session is nothing to end', async () => {
  received = undefined
  members.become('member:leave', 'left')
  members.become('member:dead', 'dead')
  await vi.advanceTimersByTimeAsync(DOUBT_MS)
  expect(ended).toEqual([])
})

test('after the stop nothing is heard', () => {
  stopping.abort()
  members.become('member:leave', 'left')
  expect(ended).toEqual([])
})

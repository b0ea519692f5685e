import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_MOVES_PER_MINUTE } from '../../src/session/move-budget.ts'
import { Session } from '../../src/session/session.ts'
import { SessionMoves } from '../../src/share/session-moves.ts'
import { SessionTable } from '../../src/share/session-table.ts'
import { FakeLane } from '../session/support/fake-lane.ts'
import { asBytes, Heard, peer, root } from '../session/support/session.ts'

const self = await seededPeerId(seededRandom('self'))
const stranger = await seededPeerId(seededRandom('stranger'))
const id = new Uint8Array(16).fill(3)
const connection = { status: 'open' } as unknown as Connection

/** A node with one session, and what it says to a move of it. */
function setup(outbound: boolean, moves = true) {
  const sessions = new SessionTable(self, 10)
  const log = (() => undefined) as unknown as Logger
  const connectionManager = {} as unknown as ConnectionManager
  const paths = () => undefined
  const followed = new SessionMoves({ connectionManager }, { sessions, log, paths, access: () => undefined })
  const control = new FakeLane()
  const session = new Session({ peer, root, control, data: new FakeLane(), ...(moves && { moves: { id } }) })
  session.start(new Heard())
  sessions.add(session, connection, outbound)
  const admit = (change: { id?: Uint8Array; from?: PeerId; move?: number; heard?: number } = {}) =>
    followed.admit(change.from ?? peer, {
      root,
      lane: 'control',
      session: change.id ?? id,
      move: change.move ?? 1,
      heard: change.heard ?? 0
    })
  return { admit, session, control }
}

test('the peer that opened a session may move it, and is told what was heard of it', () => {
  const { admit, control } = setup(false)
  control.deliver(asBytes({ type: 'grant', leaves: 1 }))
  expect(admit()).toBe(1)
})

test('nobody else may, whatever it names; nor may the peer move what this node opened', () => {
  const { admit } = setup(false)
  expect(admit({ from: stranger })).toBe('not-held')
  expect(admit({ id: new Uint8Array(16) })).toBe('not-held')
  expect(admit({ heard: 1 }), 'more than was said').toBe('not-held')
  expect(setup(true).admit()).toBe('not-held')
  expect(setup(false, false).admit(), 'it said that it cannot').toBe('not-held')
})

test('a session that is over cannot be moved', () => {
  const { admit, session } = setup(false)
  session.close('enough')
  expect(admit()).toBe('not-held')
})

test('twice MAX_MOVES_PER_MINUTE are admitted, and not one more', () => {
  const { admit } = setup(false)
  const answers = Array.from({ length: 2 * MAX_MOVES_PER_MINUTE }, () => admit())
  expect(new Set(answers)).toEqual(new Set([0]))
  expect(admit()).toBe('busy')
})

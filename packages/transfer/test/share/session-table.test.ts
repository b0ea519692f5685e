import type { Connection, PeerId } from '@libp2p/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { SessionTable } from '../../src/share/session-table.ts'
import { openSession, peer } from '../session/support/session.ts'

const self = await seededPeerId(seededRandom('self'))

/** A connection, as far as the table looks at it. */
function connectionOf(): Connection {
  return { status: 'open' } as Connection
}

function open(): { readonly table: SessionTable; readonly broke: PeerId[] } {
  const broke: PeerId[] = []
  return { table: new SessionTable(self, 10, (who) => broke.push(who)), broke }
}

test('a peer that begins a session beside its own on the same connection breaks a rule', () => {
  const { table, broke } = open()
  const connection = connectionOf()
  const [first, second] = [openSession().session, openSession().session]
  table.add(first, connection, false)
  expect(broke).toEqual([])
  table.add(second, connection, false)
  expect(broke).toEqual([peer])
  expect([first.isOpen, second.isOpen, table.size]).toEqual([false, true, 1])
})

test('one on another connection, or after the end of the one before, or of both sides at once, does not', async () => {
  const { table, broke } = open()
  const connection = connectionOf()
  const [first, moved, third] = [openSession().session, openSession().session, openSession().session]
  table.add(first, connection, false)
  table.add(moved, connectionOf(), false)
  moved.close('done')
  await moved.closed
  table.add(third, connection, false)
  table.add(openSession().session, connection, true)
  expect(broke).toEqual([])
})

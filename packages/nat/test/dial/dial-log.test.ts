import { multiaddr } from '@multiformats/multiaddr'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_DIALLED_PEERS_KEPT, MAX_DIALS_KEPT } from '../../src/dial/constants.ts'
import { DialLog } from '../../src/dial/dial-log.ts'
import type { DialRecord } from '../../src/dial/dial-log.ts'

const dial = (startedAt: number): DialRecord => ({
  address: multiaddr('/ip4/192.0.2.1/tcp/4001'),
  startedAt,
  tookMs: 1,
  outcome: 'failed'
})

test('the last dials of a peer are kept, as many as the bound', async () => {
  const peer = await seededPeerId(seededRandom(1))
  const log = new DialLog()
  for (let n = 0; n < MAX_DIALS_KEPT; n++) {
    log.add(peer.toString(), dial(n))
  }
  expect(log.of(peer)).toHaveLength(MAX_DIALS_KEPT)
  log.add(peer.toString(), dial(MAX_DIALS_KEPT))
  expect(log.of(peer).map(({ startedAt }) => startedAt)).toEqual(
    Array.from({ length: MAX_DIALS_KEPT }, (_, index) => index + 1)
  )
})

test('the dials of as many peers are kept as the bound; one more has the peer dialled longest ago forgotten', async () => {
  const peer = await seededPeerId(seededRandom(1))
  const log = new DialLog()
  log.add(peer.toString(), dial(0))
  for (let n = 1; n < MAX_DIALLED_PEERS_KEPT; n++) {
    log.add(`peer ${n}`, dial(n))
  }
  expect(log.of(peer)).toHaveLength(1)
  log.add('one more', dial(1))
  expect(log.of(peer)).toEqual([])
})

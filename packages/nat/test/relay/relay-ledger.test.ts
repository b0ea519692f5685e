import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_PEERS_METERED } from '../../src/relay/constants.ts'
import { RelayLedger } from '../../src/relay/relay-ledger.ts'

test('as many peers are metered as the bound; one more has the oldest forgotten, and the total keeps all', async () => {
  const [peer, relay] = [await seededPeerId(seededRandom(1)), await seededPeerId(seededRandom(2))]
  const ledger = new RelayLedger()
  ledger.add(peer.toString(), relay.toString(), 7)
  for (let n = 1; n < MAX_PEERS_METERED; n++) {
    ledger.add(`peer ${n}`, relay.toString(), 1)
  }
  expect(ledger.withPeer(peer)).toBe(7)
  ledger.add('one more', relay.toString(), 1)
  expect(ledger.withPeer(peer)).toBe(0)
  expect(ledger.throughRelay(relay)).toBe(7 + MAX_PEERS_METERED)
  expect(ledger.total).toBe(7 + MAX_PEERS_METERED)
})

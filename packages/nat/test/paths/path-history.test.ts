import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_CHANGES_KEPT, MAX_PEERS_KEPT } from '../../src/paths/constants.ts'
import { PathHistory } from '../../src/paths/path-history.ts'
import { NO_PATH } from '../../src/paths/path-state.ts'

const nothing = { state: NO_PATH, connections: new Map() }

test('the last changes of a peer are kept, as many as the bound', async () => {
  const peer = await seededPeerId(seededRandom(1))
  const history = new PathHistory()
  const first = history.add({ ...nothing, peer }, NO_PATH, 'opened')
  for (let n = 1; n < MAX_CHANGES_KEPT; n++) {
    history.add({ ...nothing, peer }, NO_PATH, 'opened')
  }
  expect(history.of(peer)).toHaveLength(MAX_CHANGES_KEPT)
  expect(history.of(peer)[0]).toBe(first)
  history.add({ ...nothing, peer }, NO_PATH, 'opened')
  expect(history.of(peer)).toHaveLength(MAX_CHANGES_KEPT)
  expect(history.of(peer)[0]).not.toBe(first)
})

test('the changes of as many peers are kept as the bound; one more has the oldest forgotten', async () => {
  const peers = await Promise.all(
    Array.from({ length: MAX_PEERS_KEPT + 1 }, async (_, n) => seededPeerId(seededRandom(n)))
  )
  const history = new PathHistory()
  const kept = (): number => peers.filter((peer) => history.of(peer).length > 0).length
  for (const peer of peers.slice(1)) {
    history.add({ ...nothing, peer }, NO_PATH, 'opened')
  }
  expect(kept()).toBe(MAX_PEERS_KEPT)
  for (const peer of peers.slice(0, 1)) {
    history.add({ ...nothing, peer }, NO_PATH, 'opened')
  }
  expect(kept()).toBe(MAX_PEERS_KEPT)
})

import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_RECEIVERS, Receivers } from '../../src/share/receivers.ts'

const peer = async (name: string) => seededPeerId(seededRandom(name))
const [ann, bob, eve] = [await peer('ann'), await peer('bob'), await peer('eve')]

test('what a peer was sent is added up, and whoever was sent something last is last', () => {
  const receivers = new Receivers()
  receivers.add(ann, 5)
  receivers.add(bob, 1)
  receivers.add(ann, 2)
  expect(receivers.all()).toEqual([
    { peer: bob, bytes: 1 },
    { peer: ann, bytes: 7 }
  ])
})

test('as many as allowed are told apart; of one more, the one that waited longest is left out', () => {
  expect(MAX_RECEIVERS).toBe(256)
  const receivers = new Receivers(2)
  for (const each of [ann, bob]) {
    receivers.add(each, 1)
  }
  expect(receivers.all()).toHaveLength(2)
  receivers.add(ann, 1)
  receivers.add(eve, 1)
  expect(receivers.all().map((report) => report.peer)).toEqual([ann, eve])
})

import { defaultLogger } from '@libp2p/logger'
import { expect, test } from 'vitest'
import { MAX_ALL_SHARE_PEERS, MAX_SHARE_PEERS } from '../../src/topics/constants.ts'
import { Places } from '../../src/topics/places.ts'
import { ShareTopic } from '../../src/topics/share-topic.ts'
import { encodePresence } from '../../src/wire/presence-codec.ts'
import { numberedPeers } from '../support/peers.ts'

const here = encodePresence({ type: 'here', multiaddrs: [], everyS: 60 })

/** A share that this node has not joined, with places of its own or those of all. */
function shareOf(places = new Places()): ShareTopic {
  return new ShareTopic({
    topic: 't',
    intervalMs: 60_000,
    pubsub: {
      subscribe: () => undefined,
      unsubscribe: () => undefined,
      getSubscribers: () => [],
      publish: async () => Promise.resolve({ recipients: [] })
    },
    addresses: () => [],
    log: defaultLogger().forComponent('test:share'),
    admit: places.take,
    forgotten: places.giveBack
  })
}

test('a share remembers the most peers and not one more, until one of them has gone', () => {
  const share = shareOf()
  const peers = numberedPeers(MAX_SHARE_PEERS + 1)
  const [first, last, late] = [peers.at(0), peers.at(-2), peers.at(-1)]
  if (first === undefined || last === undefined || late === undefined) {
    expect.unreachable()
  }
  for (const peer of peers) {
    share.heardDirectly(peer, here, 0)
  }
  expect([share.has(last, 1), share.has(late, 1)]).toEqual([true, false])
  share.gone(first)
  share.heardDirectly(late, here, 1)
  expect(share.has(late, 2)).toBe(true)
})

test('all shares together have the most places and not one more, until one is given back', () => {
  const places = new Places()
  const [one, other] = [shareOf(places), shareOf(places)]
  const [peer, late] = numberedPeers(2)
  if (peer === undefined || late === undefined) {
    expect.unreachable()
  }
  for (let taken = 1; taken < MAX_ALL_SHARE_PEERS; taken++) {
    places.take()
  }
  one.heardDirectly(peer, here, 0)
  other.heardDirectly(late, here, 0)
  expect([one.has(peer, 1), other.has(late, 1)]).toEqual([true, false])
  one.end()
  other.heardDirectly(late, here, 1)
  expect(other.has(late, 2)).toBe(true)
})

import { peerIdFromString } from '@libp2p/peer-id'
import type { ProviderRouting } from '@p2pshare/interface'
import { expect, onTestFinished, test } from 'vitest'
import { Discovery, HEAD_START_MS } from '../../src/share/discovery.ts'
import { CID } from 'multiformats/cid'

const ROOT = CID.parse('bafkqaaa')
const PROVIDER = {
  id: peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'),
  multiaddrs: []
}

interface Counted {
  readonly discovery: Discovery
  searches(): number
  pass(ms: number): Promise<void>
}

/** A discovery whose searches are counted, and whose time the test has in hand. */
function counted(isServed: () => boolean): Counted {
  let searches = 0
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  const routing: ProviderRouting = {
    provide: async () => undefined,
    cancelProvide: async () => undefined,
    findProviders: async function* () {
      searches += 1
      yield PROVIDER
    }
  }
  const ended = new AbortController()
  const log = Object.assign(() => undefined, { error: () => undefined }) as never
  const discovery = new Discovery({
    root: ROOT,
    collaborators: { routing },
    log,
    signal: ended.signal,
    searching: ended.signal,
    found: async () => undefined,
    isServed,
    have: () => undefined,
    pause: async (ms) => new Promise<void>((wake) => sleepers.push({ at: now + ms, wake }))
  })
  onTestFinished(() => {
    ended.abort()
  })
  return {
    discovery,
    searches: () => searches,
    pass: async (ms) => {
      for (const end = now + ms; now < end; now += 500) {
        await settled()
        sleepers.splice(0).forEach((sleeper) => {
          if (sleeper.at <= now + 500) {
            sleeper.wake()
          } else {
            sleepers.push(sleeper)
          }
        })
      }
      await settled()
    }
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('where nobody was named it searches at once', async () => {
  const { discovery, searches, pass } = counted(() => false)
  discovery.search({ isNamed: false })
  await pass(0)
  expect(searches()).toBe(1)
})

test('peers that were named and do not serve have HEAD_START_MS', async () => {
  const { discovery, searches, pass } = counted(() => false)
  discovery.search({ isNamed: true })
  await pass(HEAD_START_MS - 500)
  expect(searches()).toBe(0)
  await pass(500)
  expect(searches()).toBe(1)
})

test('a download of 16 s from peers that serve searches once if they were named, else three times', async () => {
  const [named, unnamed] = [counted(() => true), counted(() => true)]
  named.discovery.search({ isNamed: true })
  unnamed.discovery.search({ isNamed: false })
  await Promise.all([named.pass(16_000), unnamed.pass(16_000)])
  expect([named.searches(), unnamed.searches()]).toEqual([1, 2])
})

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Provider } from '@p2pshare/interface'
import { burstBytesOf } from '../../src/rate/token-bucket.ts'
import { openLanes } from '../../src/session/handshake.ts'
import { streamLane } from '../../src/session/lane.ts'
import { Session } from '../../src/session/session.ts'
import type { Share, TransferInit } from '../../src/index.ts'
import { FakeBulkChannels } from '../support/fake-bulk-channels.ts'
import { atCap, worstExcess } from '../support/seen-bytes.ts'
import type { Seen } from '../support/seen-bytes.ts'
import { asProvider, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'
import { Tap } from './tap.ts'

const MIB = 1024 * 1024

/** Encryption, muxer and messages: none of it counts as content. */
const OVERHEAD = 1.02
const TALK_BYTES = 32 * 1024

const harness = new Harness()
const taps: Tap[] = []

afterEach(async () => {
  taps.splice(0).forEach((tap) => {
    tap.stop()
  })
  await harness.stop()
})

/** A seeder of random bytes, in leaves of 256 KiB. */
async function seed(bytes: Uint8Array, init: TransferInit = {}, channels?: FakeBulkChannels) {
  const directory = await harness.directory()
  const path = join(directory, 'source.bin')
  await writeFile(path, bytes)
  const seeder = await harness.node(init, channels)
  const share = await seeder.services.transfer.share(path, { profile: 'unixfs-v0-2015' })
  return { seeder, share, path }
}

async function tapped(node: TestNode): Promise<{ tap: Tap; provider: Provider }> {
  const made = await Tap.to(asProvider(node))
  taps.push(made.tap)
  return made
}

async function fetched(leecher: TestNode, share: Share, bytes: Uint8Array, ...providers: Provider[]) {
  const output = await harness.directory()
  const done = await finish(leecher.services.transfer.get(share.root, { output, name: 'copy', providers }))
  expect(await sameBytes(join(output, 'copy'), bytes)).toBe(true)
  return done
}

/** What was seen is within a cap, a burst, and what the machine may have held up on the way: another burst. */
function expectWithin(tap: Tap, cap: number): void {
  expect(worstExcess(tap.seen, atCap(cap * OVERHEAD))).toBeLessThanOrEqual(2 * burstBytesOf(cap) + TALK_BYTES)
}

describe('caps on what is sent, seen on the wire in any second', () => {
  test('of the node, over all its peers', async () => {
    const cap = 4 * MIB
    const bytes = randomBytes(2 * MIB)
    const { seeder, share } = await seed(bytes, { uploadBytesPerSecond: cap })
    const { tap, provider } = await tapped(seeder)
    const leechers = await Promise.all([
      harness.node({ uploadBytesPerSecond: 1024 }),
      harness.node({ uploadBytesPerSecond: 1024 })
    ])
    await Promise.all(leechers.map((leecher) => fetched(leecher, share, bytes, provider)))
    expectWithin(tap, cap)
    expect(seeder.services.transfer.limits().node).toEqual({ uploadBytesPerSecond: cap })
  })

  test('of a share, and no other', async () => {
    const cap = 2 * MIB
    const bytes = randomBytes(MIB)
    const { seeder, share, path } = await seed(bytes)
    const other = await seeder.services.transfer.share(path) // the same bytes in other leaves: another share
    seeder.services.transfer.limitShare(share.root, { uploadBytesPerSecond: cap })
    const { tap, provider } = await tapped(seeder)
    const leechers = await Promise.all([harness.node(), harness.node()])
    const ends: string[] = []
    await Promise.all([
      fetched(leechers[0], share, bytes, provider).then(() => ends.push('capped')),
      fetched(leechers[1], other, bytes, asProvider(seeder)).then(() => ends.push('free'))
    ])
    expect(ends).toEqual(['free', 'capped'])
    expectWithin(tap, cap)
  })

  test('of a peer, and no other', async () => {
    const cap = MIB
    const bytes = randomBytes(MIB)
    const { seeder, share } = await seed(bytes)
    // neither gives the other anything
    const init = { uploadBytesPerSecond: 1024 }
    const [capped, free] = [await harness.node(init), await harness.node(init)]
    seeder.services.transfer.limitPeer(capped.peerId, { uploadBytesPerSecond: cap })
    const { tap, provider } = await tapped(seeder)
    const ends: string[] = []
    await Promise.all([
      fetched(capped, share, bytes, provider).then(() => ends.push('capped')),
      fetched(free, share, bytes, asProvider(seeder)).then(() => ends.push('free'))
    ])
    expect(ends).toEqual(['free', 'capped'])
    expectWithin(tap, cap)
  })

  test('changed while it is used: lower at once, and away at once', async () => {
    const bytes = randomBytes(8 * MIB)
    const { seeder, share } = await seed(bytes, { uploadBytesPerSecond: 6 * MIB })
    const leecher = await harness.node()
    const { tap, provider } = await tapped(seeder)
    const whole = fetched(leecher, share, bytes, provider)
    const until = async (bytes: number): Promise<number> => {
      while (tap.bytes < bytes) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return tap.seen.length
    }
    await until(MIB)
    seeder.services.transfer.setLimits({ uploadBytesPerSecond: MIB })
    // what was on the way when the cap was lowered is not under it
    const from = await until(tap.bytes + 128 * 1024)
    const to = await until(tap.bytes + 512 * 1024)
    seeder.services.transfer.setLimits({ uploadBytesPerSecond: Infinity })
    await whole // at 1 MiB/s it would not end in time
    const lowered = tap.seen.slice(from, to)
    expect(worstExcess(lowered, atCap(MIB * OVERHEAD))).toBeLessThanOrEqual(2 * burstBytesOf(MIB) + TALK_BYTES)
    expect(seeder.services.transfer.limits().node).toEqual({})
  })
})

describe('caps on what arrives', () => {
  test('hold in any second for what is read from a channel', async () => {
    const cap = 16 * MIB
    const bytes = randomBytes(12 * MIB)
    const channels = await Promise.all([FakeBulkChannels.listen(), FakeBulkChannels.listen()])
    try {
      const { seeder, share } = await seed(bytes, {}, channels[0])
      const leecher = await harness.node({ downloadBytesPerSecond: cap }, channels[1])
      const seen: Seen[] = []
      channels[1].onChannel = (channel) => {
        let before = 0
        channel.onRead = (total) => {
          seen.push({ at: performance.now(), bytes: total - before })
          before = total
        }
      }
      await fetched(leecher, share, bytes, asProvider(seeder))
      expect(seen.reduce((sum, one) => sum + one.bytes, 0)).toBeGreaterThan(4 * MIB)
      expect(worstExcess(seen, atCap(cap))).toBeLessThanOrEqual(burstBytesOf(cap))
    } finally {
      await Promise.all(channels.map((side) => side.close()))
    }
  })

  test('hold for all sources together', async () => {
    const cap = 4 * MIB
    const bytes = randomBytes(6 * MIB)
    const { seeder, share, path } = await seed(bytes)
    const second = await harness.node()
    await second.services.transfer.share(path, { profile: 'unixfs-v0-2015' })
    const leecher = await harness.node({ downloadBytesPerSecond: cap })
    const began = performance.now()
    await fetched(leecher, share, bytes, asProvider(seeder), asProvider(second))
    const ahead = 2 * 2 * MIB
    expect(bytes.byteLength).toBeLessThanOrEqual(atCap(cap)(began, performance.now()) + burstBytesOf(cap) + ahead)
  })
})

test('several seeders with a cap each feed one leecher together', async () => {
  const cap = MIB
  const bytes = randomBytes(3 * MIB)
  const { seeder, share, path } = await seed(bytes, { uploadBytesPerSecond: cap })
  const others = await Promise.all([1, 2].map(() => harness.node({ uploadBytesPerSecond: cap })))
  await Promise.all(others.map((node) => node.services.transfer.share(path, { profile: 'unixfs-v0-2015' })))
  const ways = await Promise.all([seeder, ...others].map(tapped))
  const leecher = await harness.node()
  const done = await fetched(leecher, share, bytes, ...ways.map(({ provider }) => provider))
  expect(done.sources).toHaveLength(3)
  ways.forEach(({ tap }) => {
    expectWithin(tap, cap)
  })
})

test('a receiver that stalls holds no other one', async () => {
  const bytes = randomBytes(24 * MIB)
  const { seeder, share } = await seed(bytes)
  const stalled = await Promise.all(
    [1, 2, 3].map(async () => {
      const node = await harness.node()
      const connection = await node.dial(seeder.getMultiaddrs())
      const lanes = await openLanes(connection, share.root, { signal: AbortSignal.timeout(5000) })
      const { control, data } = lanes
      const session = new Session({
        peer: seeder.peerId,
        root: share.root,
        control: streamLane(control),
        data: streamLane(data)
      })
      // it asks for everything, and reads none of it
      const runs = Array.from({ length: share.leaves }, (_, leaf) => ({ leaf, first: 0, count: 16 }))
      session.send({ type: 'request', runs })
      data.pause()
      return session
    })
  )
  const leecher = await harness.node()
  await fetched(leecher, share, bytes, asProvider(seeder))
  expect(stalled.every(({ isOpen }) => isOpen)).toBe(true)
})

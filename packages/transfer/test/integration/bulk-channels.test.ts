import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import type { TransferInit } from '../../src/index.ts'
import { CHANNEL_RETRY_MS, CHANNEL_WORTH_BYTES, MAX_CHANNEL_FAILURES } from '../../src/session/channel-plan.ts'
import { FakeBulkChannels } from '../support/fake-bulk-channels.ts'
import type { FakeChannel } from '../support/fake-bulk-channels.ts'
import { asProvider, finish, Harness, sameBytes } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()
const opened: FakeBulkChannels[] = []
afterEach(async () => {
  await harness.stop()
  await Promise.all(opened.splice(0).map(async (channels) => channels.close()))
})

async function channels(): Promise<FakeBulkChannels> {
  const made = await FakeBulkChannels.listen()
  opened.push(made)
  return made
}

interface PairInit {
  readonly bytes?: number
  readonly leecher?: TransferInit
  readonly seeder?: TransferInit
}

/** A seeder and a leecher that knows it, both with bulk channels; `get` checks what arrived. */
async function pair({ bytes = 16 * MIB, ...init }: PairInit = {}) {
  const content = randomBytes(bytes)
  const [here, there] = [await channels(), await channels()]
  const seeder = await harness.node(init.seeder ?? {}, there)
  const leecher = await harness.node(init.leecher ?? {}, here)
  const directory = await harness.directory()
  await writeFile(join(directory, 'source.bin'), content)
  const share = await seeder.services.transfer.share(join(directory, 'source.bin'))
  const get = async () => {
    const options = { output: directory, name: 'copy.bin', providers: [asProvider(seeder)] }
    const done = await finish(leecher.services.transfer.get(share.root, options))
    expect(await sameBytes(join(directory, 'copy.bin'), content)).toBe(true)
    return done.bytesReceived - content.byteLength
  }
  return { seeder, leecher, here, there, bytes, get }
}

/** Counts what comes by the channels of a node, and does something when so much came. */
function watch(side: FakeBulkChannels, at = Infinity, act: (channel: FakeChannel) => void = () => undefined) {
  const seen = { bytes: 0 }
  side.onChannel = (channel) => {
    let before = 0
    channel.onRead = (total) => {
      const due = seen.bytes < at && seen.bytes + total - before >= at
      seen.bytes += total - before
      before = total
      if (due) {
        act(channel)
      }
    }
  }
  return seen
}

/** Inner nodes and headers. */
const OVERHEAD = 0.01

describe('a channel for data', () => {
  test('is dialled by the receiver at the address of the connection, and takes over the transfer', async () => {
    const { seeder, here, there, bytes, get } = await pair()
    const seen = watch(here)
    const extra = await get()
    expect(here.dialled.map(String)).toEqual(seeder.getMultiaddrs().map((address) => String(address).split('/p2p')[0]))
    expect(there.dialled).toEqual([])
    expect([here.opened, there.opened]).toEqual([1, 1])
    expect(seen.bytes).toBeGreaterThan(bytes / 8)
    expect(extra).toBeLessThan(bytes * OVERHEAD)
  })

  test('is dialled by the sender where the receiver cannot dial: at its own address and the port it named', async () => {
    const { here, there, bytes, get } = await pair()
    here.faults.refuseDials = true
    const seen = watch(here)
    const extra = await get()
    expect(there.dialled.map(String)).toEqual(here.addresses().map(String))
    expect([here.opened, there.opened]).toEqual([1, 1])
    expect(seen.bytes).toBeGreaterThan(bytes / 8)
    expect(extra).toBeLessThan(bytes * OVERHEAD)
  })

  test('is dialled by the sender that does not listen', async () => {
    const { here, there, get } = await pair()
    there.faults.silent = true
    await get()
    expect([here.dialled.length, there.dialled.length, here.opened]).toEqual([0, 1, 1])
  })

  test('closes when nothing is missing any more', async () => {
    const { here, there, get } = await pair()
    await get()
    await expect.poll(() => [here.open_.length, there.open_.length]).toEqual([0, 0])
  })

  test('is not worth it for little', async () => {
    const { here, get } = await pair({ bytes: CHANNEL_WORTH_BYTES - MIB })
    await get()
    expect([here.dialled.length, here.opened]).toEqual([0, 0])
  })

  test('is not opened with bulkChannels: false', async () => {
    const { here, there, get } = await pair({ leecher: { bulkChannels: false } })
    await get()
    expect([here.opened, there.opened]).toEqual([0, 0])
  })

  test('is not opened when the other side has none', async () => {
    const { here, get } = await pair({ seeder: { bulkChannels: false } })
    await get()
    expect(here.opened).toBe(0)
  })
})

describe('a channel that does not come about', () => {
  test.each<[string, (here: FakeBulkChannels, there: FakeBulkChannels) => void]>([
    [
      'nobody can be dialled',
      (here, there) => {
        here.faults.refuseDials = true
        there.faults.refuseDials = true
      }
    ],
    [
      'nobody can invite',
      (here, there) => {
        here.faults.refuseInvites = true
        there.faults.refuseInvites = true
      }
    ],
    [
      'the peer invites and never answers',
      (here, there) => {
        there.faults.neverAnswer = true
        here.faults.neverAnswer = true
      }
    ]
  ])('costs nothing: %s', async (_, break_) => {
    const { here, there, bytes, get } = await pair()
    break_(here, there)
    expect(await get()).toBeLessThan(bytes * OVERHEAD)
    expect(here.opened).toBe(0)
  })
})

describe('a channel that is lost', () => {
  const random = seededRandom('cuts')
  const places = Array.from({ length: 5 }, () => Math.floor(random.float() * 6 * MIB) + 1)

  test.each(places)('loses nothing: cut by the receiver after %i bytes', async (at) => {
    const { here, bytes, get } = await pair()
    let queued = 0
    watch(here, at, (channel) => {
      queued = 3 * MIB // what the sender had put into it is lost, and no more
      channel.cut()
    })
    const extra = await get()
    expect(queued).toBeGreaterThan(0)
    expect(extra).toBeLessThan(bytes * OVERHEAD + queued)
  })

  test('loses nothing when the sender cuts it', async () => {
    const { here, there, bytes, get } = await pair()
    watch(here, 3 * MIB + 777, () => {
      there.open_[0]?.cut()
    })
    expect(await get()).toBeLessThan(bytes * OVERHEAD + 3 * MIB)
  })

  test('is opened once more after a while', async () => {
    const { here, leecher, bytes, get } = await pair({ bytes: 32 * MIB })
    const { transfer } = leecher.services
    watch(here, 2 * MIB, (channel) => {
      channel.cut()
      // slowly, until the while is over
      transfer.setLimits({ downloadBytesPerSecond: 2 * MIB })
      setTimeout(() => {
        transfer.setLimits({ downloadBytesPerSecond: Infinity })
      }, CHANNEL_RETRY_MS + 100)
    })
    expect(await get()).toBeLessThan(bytes * OVERHEAD + 3 * MIB)
    expect(here.opened).toBe(2)
  })

  test('is not opened for ever when it is lost each time', async () => {
    const { here, bytes, get } = await pair({ leecher: { downloadBytesPerSecond: 16 * MIB } })
    here.onChannel = (channel) => {
      channel.onRead = () => {
        channel.cut()
      }
    }
    expect(await get()).toBeLessThan(bytes * OVERHEAD + 6 * MIB)
    expect(here.opened).toBeLessThanOrEqual(MAX_CHANNEL_FAILURES)
  })

  test('brings no byte of a wrong frame into the file, and is the last one of its session', async () => {
    const { here, there, bytes, get } = await pair({ leecher: { downloadBytesPerSecond: 24 * MIB } })
    there.onChannel = (channel) => {
      channel.change = (parts) => {
        if (channel.sent < 2 * MIB) {
          return parts
        }
        return parts.map((part, at) => (at > 0 ? part : Uint8Array.from(part).fill(0xee, 0, 4)))
      }
    }
    expect(await get()).toBeLessThan(bytes * OVERHEAD + 3 * MIB)
    expect(here.opened).toBe(1)
  })

  test('and wrong bytes that come by it are found by their hash', async () => {
    const { here, there, bytes, get } = await pair()
    there.onChannel = (channel) => {
      let isFirst = true
      channel.change = (parts) => {
        const changed = isFirst ? parts.map((part) => Uint8Array.from(part).fill(7, 20, 30)) : parts
        isFirst = false
        return changed
      }
    }
    expect(await get()).toBeLessThan(bytes * OVERHEAD + 2 * MIB)
    expect(here.opened).toBe(1)
  })
})

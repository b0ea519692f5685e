import { seededRandom } from '@p2pshare/testkit'
import fc from 'fast-check'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { WRITE_HIGH_WATER_BYTES } from '../../src/bulk/constants.ts'
import type { BulkChannel } from '@p2pshare/interface'
import { bulkPeer, channelBetween, cleanUpServices, Collector } from '../support/bulk.ts'
import type { Ends } from '../support/bulk.ts'
import { cleanUpSockets } from '../support/sockets.ts'

checkLeaks()
cleanUpServices()
cleanUpSockets()

const random = seededRandom('bulk channels')
const MEBIBYTE = 1024 * 1024

async function written(channel: BulkChannel, ...parts: readonly Uint8Array[]): Promise<void> {
  await new Promise<void>((resolve) => {
    channel.write(parts, resolve)
  })
}

async function ends(): Promise<Ends> {
  return channelBetween(await bulkPeer('dialler'), await bulkPeer('acceptor'))
}

describe('a bulk channel', () => {
  it('knows who is at its other end, and where', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const { dialler, acceptor } = await channelBetween(from, to)
    expect(dialler.remotePeer.equals(to.id)).toBe(true)
    expect(acceptor.remotePeer.equals(from.id)).toBe(true)
    expect(dialler.remoteAddr.toString()).toBe(to.address.toString())
    expect(acceptor.remoteAddr.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
  })

  it('carries any bytes both ways, in any parts, with any pauses of the sinks', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const writes = fc.array(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50_000 }), { maxLength: 3 }), {
      maxLength: 8
    })
    const pauses = fc.array(fc.boolean(), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(
        writes,
        writes,
        pauses,
        fc.integer({ min: 1000, max: 100_000 }),
        async (up, down, more, room) => {
          const [atDialler, atAcceptor] = [new Collector(room), new Collector(room)]
          const { dialler, acceptor } = await channelBetween(from, to, { atDialler, atAcceptor })
          const pausing = (sink: Collector, channel: BulkChannel): void => {
            let asked = 0
            sink.more = () => {
              const goOn = more[asked++ % more.length] ?? true
              if (!goOn) {
                setImmediate(() => {
                  channel.resume()
                })
              }
              return goOn
            }
          }
          pausing(atDialler, dialler)
          pausing(atAcceptor, acceptor)
          for (const parts of up) {
            dialler.write(parts)
          }
          for (const parts of down) {
            acceptor.write(parts)
          }
          dialler.end()
          acceptor.end()
          expect(await Promise.all([dialler.closed, acceptor.closed])).toEqual([undefined, undefined])
          expect(atAcceptor.data.equals(Buffer.concat(up.flat()))).toBe(true)
          expect(atDialler.data.equals(Buffer.concat(down.flat()))).toBe(true)
        }
      ),
      { numRuns: 20, seed: 7 }
    )
  })

  it('delivers megabytes that were written at once before its end', async () => {
    const { dialler, acceptor, atDialler, atAcceptor } = await ends()
    const data = random.bytes(8 * MEBIBYTE)
    for (const channel of [dialler, acceptor]) {
      for (let at = 0; at < data.byteLength; at += MEBIBYTE) {
        channel.write([data.subarray(at, at + 16), data.subarray(at + 16, at + MEBIBYTE)])
      }
      channel.end()
    }
    expect(await Promise.all([dialler.closed, acceptor.closed])).toEqual([undefined, undefined])
    expect(atDialler.data.equals(data)).toBe(true)
    expect(atAcceptor.data.equals(data)).toBe(true)
  })

  it('lets the other side finish what it has after one side ended', async () => {
    const { dialler, acceptor, atDialler } = await ends()
    const data = random.bytes(4 * MEBIBYTE)
    acceptor.write([data])
    dialler.end()
    expect(await acceptor.closed).toBeUndefined()
    await dialler.closed
    expect(atDialler.data.equals(data)).toBe(true)
  })

  it('gives a sink nothing before the channel is there, although it came right behind the answer', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const sink = new Collector()
    const invitation = to.service.invite(from.id, { sink: new Collector() })
    void invitation.channel.then((channel) => channel.write([random.bytes(1000)]))
    const opening = from.service.open(to.address, to.id, invitation.token, { sink })
    let before = -1
    const channel = await opening.then((opened) => {
      before = sink.bytes
      return opened
    })
    expect(before).toBe(0)
    await sink.has(1000)
    channel.abort(new TypeError('the test is over'))
  })

  it('says at a mebibyte that enough is queued, and when there is room again', async () => {
    const { dialler, acceptor, atAcceptor } = await ends()
    atAcceptor.more = () => false
    expect(dialler.write([new Uint8Array(WRITE_HIGH_WATER_BYTES - 1)])).toBe(true)
    expect(dialler.write([new Uint8Array(1)])).toBe(false)
    expect(dialler.queuedBytes).toBe(WRITE_HIGH_WATER_BYTES)
    // buffers of the system take it, however large they are
    let sent = WRITE_HIGH_WATER_BYTES
    for (; sent < 16 * MEBIBYTE; sent += MEBIBYTE) {
      dialler.write([new Uint8Array(MEBIBYTE)])
    }
    let drained = false
    const waiting = dialler.drained().then(() => {
      drained = true
    })
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(drained).toBe(false)
    atAcceptor.more = () => true
    acceptor.resume()
    await waiting
    expect(dialler.queuedBytes).toBeLessThan(WRITE_HIGH_WATER_BYTES)
    await atAcceptor.has(sent)
    await dialler.drained()
  })

  it('calls done once for each write, in order, when the parts were taken', async () => {
    const { dialler, atAcceptor } = await ends()
    const told: number[] = []
    for (let i = 0; i < 5; i++) {
      dialler.write([new Uint8Array(i * 10_000 + 1)], () => told.push(i))
    }
    await written(dialler, Uint8Array.of(1))
    expect(told).toEqual([0, 1, 2, 3, 4])
    expect(dialler.queuedBytes).toBe(0)
    await atAcceptor.has(100_006)
  })

  it('calls done, resolves drained and closed when it is aborted, and takes no more', async () => {
    const { dialler, acceptor, atAcceptor } = await ends()
    atAcceptor.more = () => false
    let told = 0
    for (let i = 0; i < 16; i++) {
      dialler.write([new Uint8Array(MEBIBYTE)], () => told++)
    }
    const waiting = dialler.drained()
    const error = new TypeError('enough')
    dialler.abort(error)
    dialler.abort(new TypeError('and again'))
    await waiting
    expect(told).toBe(16)
    expect(await dialler.closed).toBe(error)
    expect(dialler.write([new Uint8Array(1)])).toBe(false)
    await written(dialler, new Uint8Array(1))
    await dialler.drained()
    atAcceptor.more = () => true
    acceptor.resume()
    await acceptor.closed
  })

  it('ends with what its sink throws, on either side', async () => {
    for (const side of ['dialler', 'acceptor'] as const) {
      const both = await ends()
      const broken = side === 'dialler' ? both.atDialler : both.atAcceptor
      broken.more = () => {
        throw new TypeError('the disk is full')
      }
      both[side === 'dialler' ? 'acceptor' : 'dialler'].write([random.bytes(100_000)])
      expect((await both[side].closed)?.message).toBe('the disk is full')
    }
  })

  it('ends when nothing goes over it for too long', async () => {
    const [from, to] = [await bulkPeer('dialler', { idleTimeoutMs: 30 }), await bulkPeer('acceptor')]
    const { dialler, acceptor } = await channelBetween(from, to)
    expect(await dialler.closed).toMatchObject({ name: 'BulkChannelError', reason: 'idle' })
    expect(await acceptor.closed).toBeUndefined()
  })

  it('ends when the node stops', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const { dialler, acceptor } = await channelBetween(from, to)
    to.service.stop()
    expect(await acceptor.closed).toMatchObject({ reason: 'stopped' })
    await dialler.closed
  })

  it('hands on what arrived before the other side cut the line, when the sink takes it', async () => {
    const { dialler, acceptor, atDialler } = await ends()
    atDialler.more = () => false
    acceptor.write([random.bytes(30_000)])
    acceptor.end()
    await atDialler.has(1)
    let over = false
    void dialler.closed.then(() => {
      over = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(over).toBe(false)
    atDialler.more = () => true
    dialler.resume()
    await dialler.closed
    expect(atDialler.bytes).toBe(30_000)
  })
})

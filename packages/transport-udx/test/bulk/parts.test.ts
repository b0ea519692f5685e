import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { JOINED_BYTES, LANES, MAX_EARLY_RECORDS } from '../../src/bulk/constants.ts'
import { InOrder } from '../../src/bulk/in-order.ts'
import { Intake } from '../../src/bulk/intake.ts'
import { deriveBulkKeys } from '../../src/bulk/keys.ts'
import { WriteQueue } from '../../src/bulk/write-queue.ts'
import { UdxBulkChannelError } from '../../src/errors.ts'
import { Kept } from '../support/bulk.ts'

describe('keys', () => {
  const token = new Uint8Array(32).fill(9)

  test('of the two ends are the same, crosswise', () => {
    const [inviter, opener] = [deriveBulkKeys(token, 'inviter'), deriveBulkKeys(token, 'opener')]
    expect(inviter.send.equals(opener.receive) && inviter.receive.equals(opener.send)).toBe(true)
    expect(inviter.send.equals(inviter.receive)).toBe(false)
    expect(inviter.lanes).toHaveLength(LANES)
    expect(inviter.lanes).toEqual(
      opener.lanes.map(({ localId, remoteId }) => ({ localId: remoteId, remoteId: localId }))
    )
  })

  test('of another token are others', () => {
    const other = deriveBulkKeys(new Uint8Array(32).fill(8), 'inviter')
    expect(other.send.equals(deriveBulkKeys(token, 'inviter').send)).toBe(false)
    expect(other.lanes).not.toEqual(deriveBulkKeys(token, 'inviter').lanes)
  })
})

describe('records of several lanes', () => {
  prop.prop([fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 41, maxLength: 41 })])(
    'are brought into order, none is lost or told twice',
    (numbers) => {
      const order = new InOrder<number>()
      const told = numbers.flatMap((number) => order.take(number, number))
      expect(told).toEqual(numbers.toSorted((a, b) => a - b))
      expect(order.size).toBe(0)
    }
  )

  test('with a number that was there before are refused, in order or waiting', () => {
    const order = new InOrder<string>()
    order.take(0, 'a')
    order.take(2, 'c')
    expect(() => order.take(0, 'a')).toThrow(UdxBulkChannelError)
    expect(() => order.take(2, 'c')).toThrow(UdxBulkChannelError)
  })

  test('wait for one before them up to MAX_EARLY_RECORDS, and one more ends the channel', () => {
    const order = new InOrder<number>()
    for (let number = 1; number <= MAX_EARLY_RECORDS; number++) {
      order.take(number, number)
    }
    expect(order.size).toBe(MAX_EARLY_RECORDS)
    expect(() => order.take(MAX_EARLY_RECORDS + 1, 0)).toThrow(UdxBulkChannelError)
    expect(order.take(0, 0)).toHaveLength(MAX_EARLY_RECORDS + 1)
  })
})

describe('what is to be written', () => {
  prop.prop([
    fc.array(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 20 })
  ])('is cut into pieces without a byte lost, and each entry is told once', (entries, pieceBytes) => {
    const queue = new WriteQueue()
    const told: number[] = []
    entries.forEach((parts, at) => {
      queue.add(parts, () => told.push(at))
    })
    const seen: Uint8Array[] = []
    while (queue.queuedBytes > 0) {
      queue.cut(pieceBytes, (parts) => {
        seen.push(...parts)
      })
    }
    queue.clear()
    expect(Buffer.concat(seen).equals(Buffer.concat(entries.flat()))).toBe(true)
    expect(told).toEqual(entries.map((_, at) => at))
  })
})

describe('what came', () => {
  test('waits until its owner reads, and goes to buffers of any length', () => {
    const sink = new Kept()
    const intake = new Intake(sink)
    intake.give(Buffer.alloc(25_000, 1))
    expect([sink.bytes, intake.waitingBytes]).toEqual([0, 25_000])
    intake.resume()
    expect([sink.bytes, intake.waitingBytes]).toEqual([25_000, 0])
  })

  test('waits when the sink has had enough', () => {
    const sink = new Kept()
    sink.takesMore = false
    const intake = new Intake(sink)
    intake.resume()
    intake.give(Buffer.alloc(25_000, 1))
    expect(intake.waitingBytes).toBe(25_000 - 10_007)
    intake.resume()
    expect(intake.waitingBytes).toBe(25_000 - 2 * 10_007)
  })

  test('is taken on by a sink that resumes while it is told', () => {
    const sink = new Kept()
    const intake = new Intake({
      buffer: () => sink.buffer(),
      filled: (bytes) => {
        sink.filled(bytes)
        intake.resume()
        return false
      }
    })
    intake.resume()
    intake.give(Buffer.alloc(25_000, 1))
    expect(intake.waitingBytes).toBe(0)
  })

  test('is put together up to JOINED_BYTES while it waits, so that tiny pieces take little more than their bytes', () => {
    const sink = new Kept()
    const intake = new Intake(sink)
    const bytes = Uint8Array.from({ length: 2 * JOINED_BYTES + 1 }, (_, at) => at)
    for (let at = 0; at < bytes.byteLength; at++) {
      intake.give(bytes.slice(at, at + 1))
    }
    expect([intake.pieces, intake.waitingBytes]).toEqual([3, bytes.byteLength])
    intake.resume()
    expect(sink.all.equals(bytes)).toBe(true)
  })

  test('ends with an error where the sink has no room', () => {
    const intake = new Intake({ buffer: () => new Uint8Array(0), filled: () => true })
    intake.resume()
    expect(() => {
      intake.give(Buffer.alloc(1))
    }).toThrow(UdxBulkChannelError)
  })
})

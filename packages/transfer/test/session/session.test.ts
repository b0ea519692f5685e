import { InvalidMessageError } from '@p2pshare/interface'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { CHANNEL_WORTH_BYTES } from '../../src/session/channel-plan.ts'
import type { ChannelAccess } from '../../src/session/channel-target.ts'
import { MAX_CONTROL_BACKLOG_BYTES } from '../../src/session/session.ts'
import { encodeFrameHeader, FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'
import { MAX_CONTROL_BYTES } from '../../src/wire/limits.ts'
import { messages, plain } from '../wire/support/arbitrary.ts'
import { asBytes, openSession, saidOn } from './support/session.ts'
import type { TestSession } from './support/session.ts'

const MIB = 1024 * 1024

const kept = { release: () => undefined }

const data = (bytes: number): Uint8Array => encodeFrameHeader({ kind: 'data', leaf: 0, firstBlock: 0, bytes })

function acks({ control }: TestSession): number[] {
  return saidOn(control).flatMap((message) => (message.type === 'ack' ? [message.bytes] : []))
}

/** The session is over, both lanes were aborted for this reason, and nothing was thrown. */
async function expectFailed(
  { session, control, data: lane }: TestSession,
  error: unknown = InvalidMessageError
): Promise<void> {
  expect(session.isOpen).toBe(false)
  expect(control.error).toBeInstanceOf(error)
  expect(lane.error).toBe(control.error)
  expect(await session.closed).toBe(control.error?.message)
}

describe('a channel', () => {
  const request = { type: 'request', runs: [{ leaf: 0, first: 0, count: 1 }] } as const
  const said = (sharesPath: boolean, missing: number): string[] => {
    const access = { sharesPath } as ChannelAccess
    const { session, control, heard } = openSession({ access })
    heard.missing = missing
    session.send(request)
    return saidOn(control).map(({ type }) => type)
  }

  test('over the path of the connection is asked for with the first data that is, when it is worth it', () => {
    expect(said(true, CHANNEL_WORTH_BYTES)).toEqual(['request', 'channel'])
    expect(said(true, CHANNEL_WORTH_BYTES - 1)).toEqual(['request'])
  })

  test('of its own is not asked for before data comes fast', () => {
    expect(said(false, CHANNEL_WORTH_BYTES)).toEqual(['request'])
  })
})

describe('what arrives', () => {
  test('messages are handed on in order, however the lane cuts them', async () => {
    const all = fc
      .sample(messages, { numRuns: 40, seed: 1 })
      .filter(({ type }) => !['ack', 'channel', 'channel-reply', 'end', 'resume'].includes(type))
    const stream = Uint8Array.from(Buffer.concat(all.map(asBytes)))
    for (const step of [1, 7, 1000, stream.byteLength]) {
      const { control, heard } = openSession()
      for (let at = 0; at < stream.byteLength; at += step) {
        control.deliver(stream.subarray(at, at + step))
      }
      expect(heard.messages.map(plain)).toEqual(all.map(plain))
    }
  })

  test('frames are handed on as they come', async () => {
    const { data: lane, heard } = openSession()
    lane.deliver(data(10), new Uint8Array(4), new Uint8Array(6))
    const header = { kind: 'data', leaf: 0, firstBlock: 0, bytes: 10 } as const
    expect(heard.frames).toEqual([{ header, body: new Uint8Array(10) }])
  })

  test('every received byte is acknowledged sooner or later, in growing totals, headers among them', async () => {
    const open = openSession()
    let received = 0
    for (let leaf = 0; leaf < 20; leaf++) {
      open.data.deliver(data(MIB), new Uint8Array(MIB))
      received += FRAME_HEADER_BYTES + MIB
      const last = acks(open).at(-1) ?? 0
      expect(last).toBeLessThanOrEqual(received)
      // a sender may have 8 MiB on the way: it must hear of a part of them in time
      expect(received - last).toBeLessThanOrEqual(4 * MIB)
    }
    const said = acks(open)
    expect(said.length).toBeGreaterThan(2)
    expect(said).toEqual([...new Set(said)].sort((a, b) => a - b))
  })

  test('an acknowledgement is not a message for others', async () => {
    const { session, control, heard } = openSession()
    await session.sendFrame({ kind: 'data', leaf: 0, firstBlock: 0, bytes: 100 }, new Uint8Array(100), kept)
    control.deliver(asBytes({ type: 'ack', bytes: 50 }))
    expect(heard.messages).toEqual([])
    expect(session.unackedBytes).toBe(FRAME_HEADER_BYTES + 100 - 50)
  })
})

describe('what is sent', () => {
  test('a frame is its header and its body, in pieces that leave room for others', async () => {
    const { session, data: lane } = openSession()
    const body = Uint8Array.from({ length: MIB + 5 }, (_, at) => at * 13)
    await session.sendFrame({ kind: 'data', leaf: 7, firstBlock: 0, bytes: body.byteLength }, body, kept)
    const stream = Buffer.concat(lane.sent)
    expect(Uint8Array.from(stream.subarray(0, FRAME_HEADER_BYTES))).toEqual(
      encodeFrameHeader({ kind: 'data', leaf: 7, firstBlock: 0, bytes: body.byteLength })
    )
    expect(stream.subarray(FRAME_HEADER_BYTES).equals(body)).toBe(true)
    expect(Math.max(...lane.sent.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(MIB)
    expect(session.unackedBytes).toBe(stream.byteLength)
  })

  test('the body of an empty file is a frame of its own', async () => {
    const { session, data: lane } = openSession()
    await session.sendFrame({ kind: 'node', request: 1, ordinal: 0, bytes: 0 }, new Uint8Array(), kept)
    expect(lane.sentBytes).toBe(FRAME_HEADER_BYTES)
  })

  test('a full lane is waited for', async () => {
    const { session, data: lane } = openSession()
    lane.full = true
    let done = false
    const sending = session
      .sendFrame({ kind: 'data', leaf: 0, firstBlock: 0, bytes: MIB }, new Uint8Array(MIB), kept)
      .then(() => (done = true))
    await Promise.resolve()
    const before = lane.sentBytes
    expect(done).toBe(false)
    expect(before).toBeLessThan(MIB)
    lane.drain()
    await sending
    expect(lane.sentBytes).toBe(FRAME_HEADER_BYTES + MIB)
  })

  test('a session that ends in the middle of a frame lets its sender go', async () => {
    const { session, data: lane } = openSession()
    lane.full = true
    const sending = session.sendFrame({ kind: 'data', leaf: 0, firstBlock: 0, bytes: MIB }, new Uint8Array(MIB), kept)
    lane.finish(new DOMException('gone', 'AbortError'))
    await sending
    expect(lane.sentBytes).toBeLessThan(MIB)
  })
})

describe('reading', () => {
  test('stops when there is no room, keeps what was read before, and goes on when there is', () => {
    const open = openSession()
    open.heard.room = 1
    open.data.deliver(Uint8Array.from([...data(3), 1, 2, 3, ...data(2), 4]), Uint8Array.of(5))
    expect([open.heard.frames.length, open.data.paused]).toEqual([1, true])
    open.heard.makeRoom(1)
    expect(open.heard.frames.map(({ body }) => [...body])).toEqual([
      [1, 2, 3],
      [4, 5]
    ])
    expect(open.data.paused).toBe(false)
  })

  test('what waits for room is not acknowledged: the sender has to wait too', () => {
    const open = openSession()
    open.heard.room = 0
    open.data.deliver(data(2 * MIB), new Uint8Array(2 * MIB))
    expect(acks(open)).toEqual([])
    open.heard.makeRoom(1)
    expect(acks(open)).toEqual([FRAME_HEADER_BYTES + 2 * MIB])
  })

  test('what is wrong behind a frame that had to wait ends the session', async () => {
    const open = openSession()
    open.heard.room = 0
    open.data.deliver(data(1), Uint8Array.of(1), Uint8Array.from([9, ...new Uint8Array(15)]))
    expect(open.session.isOpen).toBe(true)
    open.heard.makeRoom(2)
    await expectFailed(open)
  })

  test('stops for as long as the intake says, and tells it of every byte', () => {
    vi.useFakeTimers()
    try {
      const told: number[] = []
      const took = (bytes: number): number => {
        told.push(bytes)
        return bytes > 100 ? 250 : 0
      }
      const open = openSession({ intake: { took } })
      open.data.deliver(data(500), new Uint8Array(50))
      expect(open.data.paused).toBe(false)
      open.data.deliver(new Uint8Array(400))
      expect(open.data.paused).toBe(true)
      vi.advanceTimersByTime(249)
      expect(open.data.paused).toBe(true)
      vi.advanceTimersByTime(1)
      expect(open.data.paused).toBe(false)
      expect(told).toEqual([FRAME_HEADER_BYTES, 50, 400])
    } finally {
      vi.useRealTimers()
    }
  })

  test('a session that ends while a lane waits leaves nothing behind', () => {
    const open = openSession()
    open.heard.room = 0
    open.data.deliver(data(1), Uint8Array.of(1))
    open.session.close('enough')
    open.heard.makeRoom(1)
    expect(open.heard.frames).toEqual([])
  })
})

describe('a hostile peer', () => {
  test.each<[what: string, bytes: Uint8Array]>([
    ['a message that does not decode', Uint8Array.of(2, 0xff, 0xff)],
    ['an empty message', Uint8Array.of(0)],
    ['a message that is too long', Uint8Array.of(0xff, 0xff, 0x7f)],
    ['bytes that were never sent, acknowledged', asBytes({ type: 'ack', bytes: 1 })]
  ])('%s on the control lane ends the session', async (_, bytes) => {
    const open = openSession()
    open.control.deliver(bytes)
    await expectFailed(open)
  })

  test.each<[what: string, bytes: Uint8Array]>([
    ['a frame of an unknown kind', Uint8Array.from([9, ...new Uint8Array(15)])],
    ['a body that is too long', Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0])]
  ])('%s on the data lane ends the session', async (_, bytes) => {
    const open = openSession()
    open.data.deliver(bytes)
    await expectFailed(open)
  })

  test('any bytes on either lane end it with InvalidMessageError or not at all, and nothing is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 60 })), { maxLength: 6 }),
        async (chunks) => {
          const open = openSession()
          for (const [onControl, chunk] of chunks) {
            const lane = onControl ? open.control : open.data
            lane.deliver(chunk)
          }
          if (!open.session.isOpen) {
            await expectFailed(open)
          }
        }
      ),
      { numRuns: 1000 }
    )
  })

  test('what comes after the message that broke it is not heard', async () => {
    const { control, heard } = openSession()
    const good = asBytes({ type: 'grant', leaves: 1 })
    control.deliver(Uint8Array.from([...good, 0, ...good]), good)
    expect(heard.messages).toHaveLength(1)
  })

  test('whatever a handler throws ends the session too, and is not thrown out of it', async () => {
    const open = openSession()
    open.heard.message = () => {
      throw new RangeError('handler')
    }
    open.control.deliver(asBytes({ type: 'grant', leaves: 1 }))
    await expectFailed(open, RangeError)
  })

  test('one that does not read its control lane: the bound is kept, one byte more ends it', async () => {
    const open = openSession()
    open.control.backlogBytes = MAX_CONTROL_BACKLOG_BYTES
    open.session.send({ type: 'grant', leaves: 1 })
    expect(open.session.isOpen).toBe(true)
    open.control.backlogBytes = MAX_CONTROL_BACKLOG_BYTES + 1
    open.session.send({ type: 'grant', leaves: 1 })
    await expectFailed(open)
  })

  test('a message of MAX_CONTROL_BYTES is let through', async () => {
    const { session, control, heard } = openSession()
    // a grant, and an unknown field that fills it up
    const filler = MAX_CONTROL_BYTES - 4 - 5
    const length = [(filler & 0x7f) | 0x80, (filler >> 7) | 0x80, filler >> 14]
    const message = Uint8Array.from([0x22, 2, 8, 1, 0xfa, 1, ...length])
    control.deliver(Uint8Array.of(0x80, 0x80, 0x04), message, new Uint8Array(filler))
    expect(heard.messages).toEqual([{ type: 'grant', leaves: 1 }])
    expect(session.isOpen).toBe(true)
  })
})

describe('the end', () => {
  test('both lanes are ended and the reason is told once', async () => {
    const { session, control, data: lane } = openSession()
    session.close('enough')
    session.close('again')
    session.fail(new InvalidMessageError('too late'))
    expect([control.ended, lane.ended, control.error]).toEqual([true, true, undefined])
    expect(await session.closed).toBe('enough')
  })

  test.each(['control', 'data'] as const)('a peer that closes its %s lane closes the session', async (which) => {
    const open = openSession()
    open[which].finish()
    expect(await open.session.closed).toBe('closed by the peer')
    expect([open.control.ended, open.data.ended]).toEqual([true, true])
  })

  test('a lane that breaks aborts the other with the same error', async () => {
    const open = openSession()
    open.data.finish(new DOMException('reset', 'AbortError'))
    expect(await open.session.closed).toBe('reset')
    expect(open.control.error?.message).toBe('reset')
  })

  test('lanes that were gone before it began', async () => {
    const open = openSession()
    open.control.finish()
    open.data.finish()
    expect(await open.session.closed).toBe('closed by the peer')
  })

  test('a rejection is said before the lanes end', async () => {
    const open = openSession()
    open.session.reject('gone')
    expect(saidOn(open.control)).toEqual([{ type: 'reject', reason: 'gone', runs: [], nodes: 0 }])
    expect(open.control.ended).toBe(true)
    expect(await open.session.closed).toBe('rejected: gone')
  })

  test('nothing is sent and nothing is heard afterwards', async () => {
    const { session, control, data: lane, heard } = openSession()
    session.close('enough')
    session.send({ type: 'grant', leaves: 1 })
    control.deliver(asBytes({ type: 'grant', leaves: 1 }))
    lane.deliver(data(1), new Uint8Array(1))
    expect([control.sent, heard.messages, heard.headers]).toEqual([[], [], []])
  })
})

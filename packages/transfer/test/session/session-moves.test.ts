import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MAX_LEFT_LINKS } from '../../src/session/left-links.ts'
import { DRAIN_MS, DRAIN_SILENCE_MS } from '../../src/session/link.ts'
import { MAX_SKIPPED_MOVES, RESUME_MS, Session } from '../../src/session/session.ts'
import type { Message } from '../../src/wire/codec.ts'
import { encodeFrameHeader, FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'
import { FakeLane } from './support/fake-lane.ts'
import { asBytes, Heard, peer, root, saidOn } from './support/session.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const resumeAt = (place: number): Uint8Array => asBytes({ type: 'resume', place })
const grant: Message = { type: 'grant', leaves: 1 }
const lost = new DOMException('lost', 'NetworkError')

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve()
  }
}

function movable() {
  const [control, data, heard] = [new FakeLane(), new FakeLane(), new Heard()]
  const losses = { count: 0 }
  const lose = (): void => {
    losses.count++
  }
  const session = new Session({ peer, root, control, data, moves: { id: new Uint8Array(16), lost: lose } })
  session.start(heard)
  const moveTo = (move: number, heardThere = 0) => {
    const next = { control: new FakeLane(), data: new FakeLane() }
    return { ...next, moved: session.moveTo({ ...next, move, heardThere }) }
  }
  return { session, control, data, heard, losses, moveTo }
}

const acksOn = (lane: FakeLane): Message[] => saidOn(lane).filter(({ type }) => type === 'ack')

describe('a session whose lanes end', () => {
  test.each([[undefined], [lost]])('waits for others for RESUME_MS, and then ends (%s)', async (error) => {
    const { session, data, losses } = movable()
    data.finish(error)
    await settle()
    expect([session.isOpen, session.isConnected, session.canTake, losses.count]).toEqual([true, false, false, 1])
    vi.advanceTimersByTime(RESUME_MS - 1)
    expect(session.isOpen).toBe(true)
    vi.advanceTimersByTime(1)
    expect(session.isOpen).toBe(false)
    expect(await session.closed).toBe(error?.message ?? 'closed by the peer')
  })

  test('ends at once when it is known that none come', async () => {
    const { session, control } = movable()
    session.giveUp()
    expect(session.isOpen, 'it has lanes').toBe(true)
    control.finish(lost)
    await settle()
    session.giveUp()
    expect(session.isOpen).toBe(false)
  })

  test('goes on over others, and says there what it said meanwhile', async () => {
    const { session, control, heard, moveTo } = movable()
    session.send(grant)
    control.finish(lost)
    await settle()
    session.send({ type: 'grant', leaves: 2 })
    const next = moveTo(1, 0)
    expect(next.moved).toBe(true)
    const said = saidOn(next.control).filter(({ type }) => type !== 'ack')
    expect(said).toEqual([{ type: 'resume', place: 0 }, grant, { type: 'grant', leaves: 2 }])
    next.control.deliver(resumeAt(0), asBytes(grant))
    expect(heard.messages).toEqual([grant])
    vi.advanceTimersByTime(2 * RESUME_MS)
    expect(session.isConnected).toBe(true)
  })

  test('ends at once when the peer said END', async () => {
    const { session, control } = movable()
    control.deliver(asBytes({ type: 'end' }))
    expect(session.isOpen).toBe(false)
    expect(await session.closed).toBe('closed by the peer')
  })

  test('says END itself when it is closed, and not when it fails', () => {
    const closed = movable()
    closed.session.close('enough')
    expect(saidOn(closed.control)).toEqual([{ type: 'end' }])
    const failed = movable()
    failed.session.fail(lost)
    expect(saidOn(failed.control)).toEqual([])
  })
})

describe('a session that moves', () => {
  test('hears what comes by the lanes before, and nothing twice', () => {
    const { control, heard, moveTo } = movable()
    const next = moveTo(1)
    control.deliver(asBytes(grant))
    next.control.deliver(resumeAt(0), asBytes(grant), asBytes({ type: 'grant', leaves: 2 }))
    control.deliver(asBytes({ type: 'grant', leaves: 2 }))
    expect(heard.messages).toEqual([grant, { type: 'grant', leaves: 2 }])
  })

  test('takes frames of both data lanes, and says what came by the one before when it was silent for long', () => {
    const { data, heard, moveTo } = movable()
    data.deliver(encodeFrameHeader({ kind: 'data', leaf: 0, firstBlock: 0, bytes: 10 }), new Uint8Array(4))
    const next = moveTo(1)
    next.data.deliver(encodeFrameHeader({ kind: 'data', leaf: 1, firstBlock: 0, bytes: 1 }), Uint8Array.of(1))
    vi.advanceTimersByTime(DRAIN_SILENCE_MS - 1)
    data.deliver(new Uint8Array(5))
    vi.advanceTimersByTime(DRAIN_SILENCE_MS - 1)
    expect(acksOn(next.control)).toEqual([])
    vi.advanceTimersByTime(1)
    expect(acksOn(next.control)).toEqual([{ type: 'ack', bytes: FRAME_HEADER_BYTES + 9, last: true }])
    data.deliver(Uint8Array.of(1))
    expect(heard.frames.map(({ header }) => header.kind === 'data' && header.leaf)).toEqual([1])
    expect(heard.cut).toBe(1)
  })

  test('waits for a lane that goes on and on no longer than DRAIN_MS', () => {
    const { data, moveTo } = movable()
    const next = moveTo(1)
    data.deliver(encodeFrameHeader({ kind: 'data', leaf: 0, firstBlock: 0, bytes: 1000 }))
    for (let ms = 0; ms < DRAIN_MS; ms += 100) {
      expect(acksOn(next.control)).toEqual([])
      data.deliver(Uint8Array.of(1))
      vi.advanceTimersByTime(100)
    }
    expect(acksOn(next.control)).toMatchObject([{ last: true }])
  })

  test('says that nothing came by lanes that only the peer took for its own', () => {
    const { moveTo } = movable()
    const next = moveTo(3)
    expect(acksOn(next.control)).toEqual([
      { type: 'ack', bytes: 0, move: 1, last: true },
      { type: 'ack', bytes: 0, move: 2, last: true }
    ])
  })

  test('lets go of the lanes before when both sides have said what came by them', async () => {
    const { data, control, moveTo } = movable()
    const next = moveTo(1)
    next.control.deliver(resumeAt(0), asBytes({ type: 'ack', bytes: 0, last: true }))
    expect(data.error).toBeUndefined()
    vi.advanceTimersByTime(DRAIN_SILENCE_MS)
    expect([data.error?.name, control.error?.name]).toEqual(['AbortError', 'AbortError'])
    await settle()
  })

  test(`may skip MAX_SKIPPED_MOVES and not one more, and never goes back`, () => {
    const { session, moveTo } = movable()
    expect(session.canMove(MAX_SKIPPED_MOVES + 2, 0)).toBe(false)
    expect(moveTo(MAX_SKIPPED_MOVES + 1).moved).toBe(true)
    expect(moveTo(MAX_SKIPPED_MOVES + 1).moved).toBe(false)
    expect(session.isOpen).toBe(true)
  })

  test('cannot when the peer has heard more than was said, or when it is over', () => {
    const { session, moveTo } = movable()
    expect(moveTo(1, 1).moved).toBe(false)
    session.close('enough')
    expect(moveTo(1).moved).toBe(false)
  })
})

describe('a hostile peer', () => {
  test(`that never says what came by the lanes that were left ends the session after MAX_LEFT_LINKS`, () => {
    const { session, moveTo } = movable()
    for (let move = 1; move <= MAX_LEFT_LINKS; move++) {
      moveTo(move, 0)
    }
    expect(session.isOpen).toBe(true)
    moveTo(MAX_LEFT_LINKS + 1, 0)
    expect(session.isOpen).toBe(false)
  })

  test.each<[what: string, bytes: Uint8Array]>([
    ['does not say where a control lane resumes', asBytes(grant)],
    ['resumes behind what it said', resumeAt(1)],
    ['resumes twice', Uint8Array.from([...resumeAt(0), ...resumeAt(0)])],
    ['says of a lane in use that it was the last', Uint8Array.from([...resumeAt(0), ...lastOf(1)])],
    [
      'has heard more than was said',
      Uint8Array.from([...resumeAt(0), ...asBytes({ type: 'ack', bytes: 0, heard: 9 })])
    ],
    [
      'acknowledges a lane that never was',
      Uint8Array.from([...resumeAt(0), ...asBytes({ type: 'ack', bytes: 1, move: 7 })])
    ]
  ])('that %s ends the session', (_, bytes) => {
    const { session, moveTo } = movable()
    moveTo(1).control.deliver(bytes)
    expect(session.isOpen).toBe(false)
  })
})

function lastOf(move: number): Uint8Array {
  return asBytes({ type: 'ack', bytes: 0, move, last: true })
}

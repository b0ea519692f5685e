import type { Connection, Logger, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { streamPair } from '@p2pshare/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { streamLane } from '../../src/session/lane.ts'
import { DRAIN_MS } from '../../src/session/link.ts'
import { Mover } from '../../src/session/mover.ts'
import { Session } from '../../src/session/session.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import type { Message, RejectReason } from '../../src/wire/codec.ts'
import { delimit } from '../../src/wire/delimited.ts'
import { FakeLane } from './support/fake-lane.ts'
import { Heard, peer, root } from './support/session.ts'

const log = Object.assign(() => undefined, { error: () => undefined }) as unknown as Logger
const stops: Array<() => void> = []
afterEach(() => {
  for (const stop of stops.splice(0)) {
    stop()
  }
})

type Answer = RejectReason | 'accept' | 'nothing' | 'broken'

/** A connection whose other end answers each HELLO in one way. */
class FakeConnection {
  readonly hellos: Array<Message & { type: 'hello' }> = []
  status = 'open'
  answer: Answer

  constructor(answer: Answer = 'accept') {
    this.answer = answer
  }

  get it(): Connection {
    return this as unknown as Connection
  }

  async newStream(): Promise<Stream> {
    if (this.answer === 'broken') {
      throw new TypeError('the muxer is closed')
    }
    const [ours, theirs] = await streamPair()
    void this.#serve(theirs)
    return ours
  }

  async #serve(stream: Stream): Promise<void> {
    const lp = lpStream(stream)
    const hello = decodeMessage((await lp.read()).subarray())
    lp.unwrap()
    if (hello.type !== 'hello' || hello.lane !== 'control') {
      return
    }
    this.hellos.push(hello)
    if (this.answer === 'accept') {
      stream.send(delimit(encodeMessage({ ...hello, heard: 0 })))
    } else if (this.answer !== 'nothing' && this.answer !== 'broken') {
      stream.send(delimit(encodeMessage({ type: 'reject', reason: this.answer, runs: [], nodes: 0 })))
    }
  }
}

function setup(dialled = new FakeConnection()) {
  const first = new FakeConnection()
  const world = { best: first as FakeConnection | undefined, dials: [] as boolean[] }
  const shutdown = new AbortController()
  const [control, data] = [new FakeLane(), new FakeLane()]
  const id = new Uint8Array(16).fill(7)
  const mover: Mover = new Mover({
    shutdown: shutdown.signal,
    log,
    best: () => world.best?.it,
    dial: async (_, { force }) => {
      world.dials.push(force)
      return dialled.it
    },
    moved: (to, lanes) => to.moveTo({ ...lanes, control: streamLane(lanes.control), data: streamLane(lanes.data) })
  })
  const lost = (): void => {
    mover.lost(session)
  }
  const session: Session = new Session({ peer, root, control, data, moves: { id, lost } })
  session.start(new Heard())
  mover.add(session, id, first.it)
  stops.push(() => {
    shutdown.abort()
    session.fail(new DOMException('over', 'AbortError'))
  })
  const lose = (): void => {
    control.finish(new DOMException('lost', 'NetworkError'))
  }
  return { first, dialled, world, session, mover, lose, id }
}

describe('a session that has a connection', () => {
  test('stays where it is while that is the best one, or while there is none that is known', async () => {
    const { world, mover, session, first } = setup()
    mover.consider(peer)
    world.best = undefined
    mover.consider(peer)
    await session.ready()
    expect([session.move, first.hellos, world.dials]).toEqual([0, [], []])
  })

  test('moves to a better one, under its name', async () => {
    const { world, mover, session, id } = setup()
    const better = new FakeConnection()
    world.best = better
    mover.consider(peer)
    await expect.poll(() => session.move).toBe(1)
    expect(better.hellos).toMatchObject([{ session: id, moves: true, move: 1 }])
    expect(world.dials).toEqual([])
  })

  test('stays when it is refused there, and tries again after a while', async () => {
    const { world, mover, session } = setup()
    const better = new FakeConnection('busy')
    world.best = better
    mover.consider(peer)
    await expect.poll(() => better.hellos.length).toBe(1)
    expect(session.isConnected).toBe(true)
    better.answer = 'accept'
    await expect.poll(() => session.move).toBe(2)
  })

  test('moves once more when the best one has changed meanwhile', async () => {
    const { world, mover, session } = setup()
    const [second, third] = [new FakeConnection(), new FakeConnection()]
    world.best = second
    mover.consider(peer)
    world.best = third
    mover.consider(peer)
    // the peer does not say what came by the lanes before, so that is waited for
    await expect.poll(() => third.hellos.length, { timeout: 2 * DRAIN_MS }).toBe(1)
    await expect.poll(() => session.move).toBe(2)
    expect(second.hellos).toHaveLength(1)
  })
})

describe('a session whose connection is silent, and not lost', () => {
  test('does not wait for long for one that is silent too when there is a better one', async () => {
    const { world, mover, session } = setup()
    world.best = new FakeConnection('nothing')
    mover.consider(peer)
    const better = new FakeConnection()
    world.best = better
    mover.consider(peer)
    await expect.poll(() => session.move).toBe(2)
    expect(better.hellos).toHaveLength(1)
  })
})

describe('a session that lost its connection', () => {
  test('goes on over the best one that is open', async () => {
    const { world, session, lose } = setup()
    world.best = new FakeConnection()
    lose()
    await expect.poll(() => session.move).toBe(1)
    expect(session.isConnected).toBe(true)
    expect(world.dials).toEqual([])
  })

  test('dials when none is open', async () => {
    const { world, session, lose, dialled } = setup()
    world.best = undefined
    lose()
    await expect.poll(() => session.move).toBe(1)
    expect([world.dials, dialled.hellos.length]).toEqual([[false], 1])
  })

  test('dials another one when the one that is open does not work', async () => {
    const { world, session, lose, first } = setup()
    first.answer = 'broken'
    lose()
    await expect.poll(() => session.isConnected).toBe(true)
    expect(world.dials).toEqual([true])
  })

  test('ends when the peer refuses to go on', async () => {
    const { world, session, lose } = setup()
    world.best = new FakeConnection('not-held')
    lose()
    expect(await session.closed).toBe('lost')
  })

  test('ends when it cannot be reached', async () => {
    const { world, session, lose } = setup(new FakeConnection('broken'))
    world.best = undefined
    lose()
    expect(await session.closed).toBe('lost')
    expect(world.dials.length).toBeGreaterThan(1)
  })

  test('does not wait for one that is silent when there is a better one', async () => {
    const { world, mover, session, lose } = setup()
    world.best = new FakeConnection('nothing')
    lose()
    const better = new FakeConnection()
    await expect.poll(() => session.isConnected).toBe(false)
    world.best = better
    mover.consider(peer)
    await expect.poll(() => session.isConnected).toBe(true)
    expect(better.hellos).toHaveLength(1)
  })
})

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { Session } from '../../src/session/session.ts'
import type { SessionEvents } from '../../src/session/session.ts'
import type { Message } from '../../src/wire/codec.ts'
import type { FrameBody, FrameHeader } from '../../src/wire/frame.ts'
import { pipe } from './support/pipe.ts'
import type { PipeEnd } from './support/pipe.ts'
import { peer, root } from './support/session.ts'

/** What one side heard, and which blocks came, as often as they came. */
class Side implements SessionEvents {
  readonly heard: number[] = []
  readonly blocks = new Map<string, number>()
  said = 0
  frames = 0
  sending: Promise<void> = Promise.resolve()

  message(message: Message): void {
    this.heard.push(message.type === 'grant' ? message.leaves : -1)
  }

  open(header: FrameHeader): FrameBody {
    const buffer = new Uint8Array(header.bytes)
    let fill = 0
    const { kind } = header
    return {
      room: () => buffer.subarray(fill),
      filled: (bytes) => {
        fill += bytes
      },
      end: (isComplete) => {
        const count = isComplete ? Math.ceil(header.bytes / BLOCK_BYTES) : Math.floor(fill / BLOCK_BYTES)
        for (let at = 0; at < count; at++) {
          const key = kind === 'data' ? `${header.leaf} ${header.firstBlock + at}` : ''
          this.blocks.set(key, (this.blocks.get(key) ?? 0) + 1)
        }
      }
    }
  }
}

interface Ends {
  readonly control: PipeEnd
  readonly data: PipeEnd
}

function lanes(): [Ends, Ends] {
  const [[controlA, controlB], [dataA, dataB]] = [pipe(), pipe()]
  return [
    { control: controlA, data: dataA },
    { control: controlB, data: dataB }
  ]
}

/** Two sessions that are each other's, and the pipes between them. */
class Pair {
  readonly sides = [new Side(), new Side()] as const
  readonly sessions: readonly [Session, Session]
  readonly pipes: PipeEnd[] = []
  move = 0

  constructor() {
    const id = new Uint8Array(16)
    const [a, b] = lanes()
    this.#add(a, b)
    this.sessions = [new Session({ peer, root, ...a, moves: { id } }), new Session({ peer, root, ...b, moves: { id } })]
    this.sessions[0].start(this.sides[0])
    this.sessions[1].start(this.sides[1])
  }

  say(from: 0 | 1): void {
    this.sessions[from].send({ type: 'grant', leaves: (this.sides[from].said++ % 1000) + 1 })
  }

  sendFrame(from: 0 | 1, blocks: number): void {
    const side = this.sides[from]
    const header = { kind: 'data', leaf: side.frames++, firstBlock: 3, bytes: blocks * BLOCK_BYTES - 5 } as const
    side.sending = side.sending.then(async () =>
      this.sessions[from].sendFrame(header, new Uint8Array(header.bytes), { release: () => undefined })
    )
  }

  pass(bytes: number): void {
    for (const end of this.pipes) {
      end.pass(bytes)
    }
  }

  /** The sides hear of new lanes one after the other, and something passes in between. */
  async moveTo(first: 0 | 1, between: number, isHeard: boolean): Promise<void> {
    const move = ++this.move
    const ends = lanes()
    this.#add(...ends)
    const second = first === 0 ? 1 : 0
    const [opener, acceptor] = [this.sessions[first], this.sessions[second]]
    const heardThere = opener.heard
    this.pass(between)
    const answered = acceptor.heard
    expect(acceptor.moveTo({ move, ...ends[second], heardThere })).toBe(true)
    await Promise.resolve()
    this.pass(between)
    if (isHeard) {
      expect(opener.moveTo({ move, ...ends[first], heardThere: answered })).toBe(true)
    } else {
      ends[first].control.abort(new DOMException('given up', 'AbortError'))
      ends[first].data.abort(new DOMException('given up', 'AbortError'))
    }
  }

  /** Every connection is lost. */
  cut(isClean: boolean): void {
    for (const end of this.pipes.splice(0)) {
      end.cut(isClean ? undefined : new DOMException('lost', 'NetworkError'))
    }
  }

  #add(a: Ends, b: Ends): void {
    this.pipes.push(a.control, a.data, b.control, b.data)
  }
}

const side = fc.constantFrom(0 as const, 1 as const)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('say' as const), from: side, times: fc.integer({ min: 1, max: 40 }) })
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('frame' as const), from: side, blocks: fc.integer({ min: 1, max: 6 }) })
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), bytes: fc.integer({ min: 1, max: 60_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), isClean: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1200 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      first: fc.constant(0 as const),
      between: fc.nat({ max: 30_000 }),
      isHeard: fc.boolean()
    })
  }
)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await Promise.resolve()
  }
}

describe('a session that moves', () => {
  test('hears each message once and in order, and gets each block once, wherever it is moved or cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const pair = new Pair()
        for (const one of steps) {
          switch (one.do) {
            case 'say':
              for (let time = 0; time < one.times; time++) {
                pair.say(one.from)
              }
              break
            case 'frame':
              pair.sendFrame(one.from, one.blocks)
              break
            case 'pass':
              pair.pass(one.bytes)
              break
            case 'cut':
              pair.cut(one.isClean)
              await settle()
              await pair.moveTo(0, 0, true)
              break
            case 'wait':
              vi.advanceTimersByTime(one.ms)
              break
            case 'move':
              await pair.moveTo(one.first, one.between, one.isHeard)
              break
          }
          await settle()
        }
        // one last move, and everything passes
        await pair.moveTo(0, 0, true)
        for (let round = 0; round < 6; round++) {
          await settle()
          pair.pass(Infinity)
          vi.advanceTimersByTime(600)
        }
        await settle()
        for (const [here, there] of [
          [0, 1],
          [1, 0]
        ] as const) {
          const { said, frames, sending } = pair.sides[here]
          const { heard, blocks } = pair.sides[there]
          await sending
          expect(heard).toEqual(Array.from({ length: said }, (_, at) => (at % 1000) + 1))
          expect(new Set([...blocks.keys()].map((key) => key.split(' ')[0])).size).toBe(frames)
          expect([...blocks.values()].every((times) => times === 1)).toBe(true)
        }
        expect(pair.sessions.map(({ isConnected }) => isConnected)).toEqual([true, true])
        expect(pair.sessions.map(({ unackedBytes }) => unackedBytes < 8 * 1024 * 1024)).toEqual([true, true])
      }),
      { numRuns: 100, seed: 4 }
    )
  })
})

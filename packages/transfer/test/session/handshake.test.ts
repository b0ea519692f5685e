import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { streamPair } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'
import { openLanes } from '../../src/session/handshake.ts'
import { streamLane } from '../../src/session/lane.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import type { Message, RejectReason } from '../../src/wire/codec.ts'
import { delimit } from '../../src/wire/delimited.ts'
import { MAX_CONTROL_BYTES, SESSION_ID_BYTES } from '../../src/wire/limits.ts'
import { root } from './support/session.ts'

/** A connection whose streams end at `accept`, in the order in which they were opened. */
function connectionTo(accept: (stream: Stream, opened: Stream) => Promise<void>): {
  connection: Connection
  opened: Stream[]
} {
  const opened: Stream[] = []
  const newStream = async (): Promise<Stream> => {
    const [ours, theirs] = await streamPair()
    opened.push(ours)
    accept(theirs, ours).catch((error: unknown) => theirs.abort(error as Error))
    return ours
  }
  return { connection: { newStream } as unknown as Connection, opened }
}

async function read(stream: Stream): Promise<Message> {
  const lp = lpStream(stream)
  const bytes = await lp.read()
  lp.unwrap()
  return decodeMessage(bytes.subarray())
}

/** Answers the control lane with these bytes. */
function answering(answer: (hello: Message & { type: 'hello' }) => Uint8Array): ReturnType<typeof connectionTo> {
  return connectionTo(async (stream) => {
    const hello = await read(stream)
    if (hello.type === 'hello' && hello.lane === 'control') {
      stream.send(answer(hello))
    }
  })
}

const say = (message: Message): Uint8Array => delimit(encodeMessage(message))
const reject = (reason: RejectReason): Message => ({ type: 'reject', reason, runs: [], nodes: 0 })
const otherRoot = CID.createV1(0x55, Digest.create(0x12, new Uint8Array(32).fill(2)))

/** Every stream that was opened has ended. */
function expectClosed(opened: readonly Stream[]): void {
  expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 'aborted'))
}

describe('opening a session', () => {
  test('both lanes say the same session; one answer is enough', async () => {
    const hellos: Message[] = []
    const { connection } = connectionTo(async (stream) => {
      const hello = await read(stream)
      hellos.push(hello)
      if (hello.type === 'hello' && hello.lane === 'control') {
        stream.send(say(hello))
      }
    })
    const { control, data } = await openLanes(connection, root, {})
    expect([control.status, data.status]).toEqual(['open', 'open'])
    expect(hellos.map((hello) => (hello.type === 'hello' ? hello.lane : hello.type)).sort()).toEqual([
      'control',
      'data'
    ])
    const sessions = hellos.map((hello) => (hello.type === 'hello' ? Buffer.from(hello.session).toString('hex') : ''))
    expect(sessions[0]).toBe(sessions[1])
    expect(sessions[0]).toHaveLength(2 * SESSION_ID_BYTES)
  })

  test('says whether the other side can move it, which not every peer can', async () => {
    for (const moves of [true, undefined]) {
      const { connection } = answering(({ moves: _, ...hello }) => say({ ...hello, ...(moves && { moves }) }))
      const lanes = await openLanes(connection, root, {})
      expect([lanes.moves, lanes.move]).toEqual([moves === true, 0])
    }
  })

  test('a move has the name of its session, a number, and what was heard of it, on either lane', async () => {
    const session = new Uint8Array(SESSION_ID_BYTES).fill(9)
    const hellos: Message[] = []
    const { connection } = connectionTo(async (stream) => {
      const hello = await read(stream)
      hellos.push(hello)
      if (hello.type === 'hello' && hello.lane === 'control') {
        stream.send(say({ ...hello, heard: 12 }))
      }
    })
    const lanes = await openLanes(connection, root, { move: { session, move: 4, heard: 300 } })
    expect(lanes).toMatchObject({ session, moves: true, move: 4, heardThere: 12 })
    expect(hellos).toHaveLength(2)
    for (const hello of hellos) {
      expect(hello).toMatchObject({ type: 'hello', moves: true, move: 4, heard: 300 })
    }
  })

  test('what is asked first goes with the HELLO, before there is an answer', async () => {
    const first = { type: 'get-nodes', id: 1, cids: [root] } as const
    const heard: string[] = []
    const { connection } = connectionTo(async (stream) => {
      const hello = await read(stream)
      if (hello.type === 'hello' && hello.lane === 'control') {
        heard.push((await read(stream)).type)
        stream.send(say(hello))
      }
    })
    await openLanes(connection, root, { first })
    expect(heard).toEqual(['get-nodes'])
  })

  test('each session has an id of its own', async () => {
    const ids = new Set<string>()
    const { connection } = answering((hello) => {
      ids.add(Buffer.from(hello.session).toString('hex'))
      return say(hello)
    })
    await openLanes(connection, root, {})
    await openLanes(connection, root, {})
    expect(ids.size).toBe(2)
  })

  test('what follows the answer in the same piece is there for the lane', async () => {
    const grant: Message = { type: 'grant', leaves: 1 }
    const { connection } = answering((hello) => Uint8Array.from([...say(hello), ...say(grant)]))
    const { control } = await openLanes(connection, root, {})
    const received = new Promise((resolve) => {
      streamLane(control).receive(resolve)
    })
    expect(await received).toEqual(say(grant))
  })

  test.each<RejectReason>(['unknown-root', 'busy', 'duplicate', 'banned'])(
    'a refusal (%s) is an error that says why',
    async (reason) => {
      const { connection, opened } = answering(() => say(reject(reason)))
      await expect(openLanes(connection, root, {})).rejects.toMatchObject({
        name: 'SessionRejectedError',
        code: 'ERR_SESSION_REJECTED',
        reason
      })
      expectClosed(opened)
    }
  )

  test.each<[what: string, answer: Message]>([
    ['another message', { type: 'grant', leaves: 1 }],
    ['the hello of another root', { type: 'hello', root: otherRoot, lane: 'control', session: new Uint8Array(16) }]
  ])('%s in place of the answer is an InvalidMessageError', async (_, answer) => {
    const { connection, opened } = answering(() => say(answer))
    await expect(openLanes(connection, root, {})).rejects.toMatchObject({ name: 'InvalidMessageError' })
    expectClosed(opened)
  })

  test('bytes that are no message are refused, and so is a length past the limit', async () => {
    const tooLong = MAX_CONTROL_BYTES + 1
    for (const bytes of [
      [2, 0xff, 0xff],
      [(tooLong & 0x7f) | 0x80, ((tooLong >> 7) & 0x7f) | 0x80, tooLong >> 14]
    ]) {
      const { connection, opened } = answering(() => Uint8Array.from(bytes))
      await expect(openLanes(connection, root, {})).rejects.toThrow()
      expectClosed(opened)
    }
  })

  test('a peer that closes instead of answering', async () => {
    const { connection, opened } = connectionTo(async (stream) => {
      await read(stream)
      stream.abort(new DOMException('no', 'AbortError'))
    })
    await expect(openLanes(connection, root, {})).rejects.toThrow()
    expect(opened.every(({ status }) => status !== 'open')).toBe(true)
  })

  test('aborting while the answer is awaited leaves nothing open', async () => {
    const abort = new AbortController()
    const { connection, opened } = connectionTo(async (stream) => {
      const hello = await read(stream)
      if (hello.type === 'hello' && hello.lane === 'control') {
        abort.abort(new DOMException('enough', 'AbortError'))
      }
    })
    await expect(openLanes(connection, root, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expectClosed(opened)
  })

  test('a connection that opens no streams', async () => {
    const newStream = (): Promise<Stream> => Promise.reject(new DOMException('muxer closed', 'AbortError'))
    await expect(openLanes({ newStream } as unknown as Connection, root, {})).rejects.toThrow('muxer closed')
  })
})

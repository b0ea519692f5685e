import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { seededPeerId, seededRandom, streamPair } from '@p2pshare/testkit'
import type { CID } from 'multiformats/cid'
import { describe, expect, test, vi } from 'vitest'
import {
  Acceptor,
  MAX_EARLY_BYTES,
  MAX_HALF_OPEN,
  MAX_HALF_OPEN_PER_PEER,
  MAX_SILENT_PER_PEER
} from '../../src/session/acceptor.ts'
import { MAX_HELLO_BYTES } from '../../src/session/handshake.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import type { LaneName, Message, RejectReason } from '../../src/wire/codec.ts'
import { delimit } from '../../src/wire/delimited.ts'
import { root } from './support/session.ts'

const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => seededPeerId(seededRandom(name))))

/** An acceptor, and what it accepted. */
class Host {
  readonly shutdown = new AbortController()
  readonly accepted: Array<{ readonly peer: PeerId; readonly control: Stream; readonly data: Stream }> = []
  readonly admitted: PeerId[] = []
  readonly moved: number[] = []
  refusal: RejectReason | undefined
  heard: number | RejectReason = 0
  readonly #acceptor = new Acceptor({
    shutdown: this.shutdown.signal,
    admit: (peer: PeerId, _root: CID) => {
      this.admitted.push(peer)
      return this.refusal
    },
    admitMove: () => this.heard,
    accepted: (peer, _root, { control, data, move }) => {
      this.accepted.push({ peer, control, data })
      this.moved.push(move)
    }
  })

  /** A peer opens a stream and says hello; resolves when the acceptor is done with it. */
  async hello(lane: LaneName, id: number, peer = alice): Promise<{ ours: Stream; theirs: Stream; failed: unknown }> {
    return this.open(say({ type: 'hello', root, lane, session: new Uint8Array(16).fill(id) }), peer)
  }

  async open(bytes: Uint8Array, peer = alice): Promise<{ ours: Stream; theirs: Stream; failed: unknown }> {
    const [theirs, ours] = await streamPair()
    theirs.send(bytes)
    const failed = await this.#acceptor.onStream(ours, { remotePeer: peer } as unknown as Connection).then(
      () => undefined,
      (error: unknown) => error
    )
    return { ours, theirs, failed }
  }
}

function say(message: Message): Uint8Array {
  return delimit(encodeMessage(message))
}

/** A length of two bytes, as a varint. */
function lengthOf(bytes: number): Uint8Array {
  return Uint8Array.of((bytes & 0x7f) | 0x80, bytes >> 7)
}

/** What a stream has read and nobody has taken. */
function bufferOf(stream: Stream): number {
  return (stream as Stream & { readonly readBufferLength: number }).readBufferLength
}

async function read(stream: Stream): Promise<Message> {
  const lp = lpStream(stream)
  const bytes = await lp.read()
  lp.unwrap()
  return decodeMessage(bytes.subarray())
}

describe('a session that a peer opens', () => {
  test.each<[first: LaneName, second: LaneName]>([
    ['control', 'data'],
    ['data', 'control']
  ])('the %s lane may come before the %s lane', async (first, second) => {
    const host = new Host()
    const one = await host.hello(first, 1)
    expect(host.accepted).toHaveLength(0)
    const two = await host.hello(second, 1)
    expect(host.accepted).toHaveLength(1)
    const [{ control, data } = {}] = host.accepted
    const lanes = { [first]: one.ours, [second]: two.ours }
    expect(control).toBe(lanes['control'])
    expect(data).toBe(lanes['data'])
    const answer = await read(first === 'control' ? one.theirs : two.theirs)
    expect(answer).toMatchObject({ type: 'hello', lane: 'control' })
    expect(host.admitted).toEqual([alice])
  })

  test('lanes of different sessions, or of different peers, are no pair', async () => {
    const host = new Host()
    await host.hello('control', 1)
    await host.hello('data', 2)
    await host.hello('data', 1, bob)
    expect(host.accepted).toEqual([])
    await host.hello('data', 1)
    expect(host.accepted.map(({ peer }) => peer)).toEqual([alice])
  })

  test('two sessions at once', async () => {
    const host = new Host()
    await host.hello('control', 1)
    await host.hello('control', 2)
    await host.hello('data', 2)
    await host.hello('data', 1)
    expect(host.accepted).toHaveLength(2)
  })

  test('a refusal is said on the control lane, which is closed', async () => {
    const host = new Host()
    host.refusal = 'unknown-root'
    const { theirs, failed } = await host.hello('control', 1)
    expect(failed).toBeUndefined()
    expect(await read(theirs)).toEqual({ type: 'reject', reason: 'unknown-root', runs: [], nodes: 0 })
    host.refusal = undefined
    await host.hello('data', 1)
    expect(host.accepted).toEqual([])
  })

  test.each<[what: string, bytes: Uint8Array]>([
    ['another message than hello', say({ type: 'grant', leaves: 1 })],
    ['bytes that are no message', Uint8Array.of(2, 0xff, 0xff)]
  ])('%s first is an InvalidMessageError, and the stream is reset by libp2p', async (_, bytes) => {
    const { failed } = await new Host().open(bytes)
    expect(failed).toMatchObject({ name: 'InvalidMessageError' })
  })

  test('a length past the limit is refused before anything is read', async () => {
    const { failed } = await new Host().open(Uint8Array.of(0xff, 0xff, 0x7f))
    expect(failed).toBeInstanceOf(Error)
  })

  test('MAX_HALF_OPEN lanes may wait for their other half; with one more the oldest of who has most gives way', async () => {
    const host = new Host()
    const waiting: Array<{ theirs: Stream }> = []
    for (let id = 0; id < MAX_HALF_OPEN; id++) {
      const peer = await seededPeerId(seededRandom(String(Math.floor(id / MAX_HALF_OPEN_PER_PEER))))
      waiting.push(await host.hello('data', id, peer))
    }
    expect(waiting.map(({ theirs }) => theirs.status)).not.toContain('reset')
    await host.hello('control', 9, bob)
    await host.hello('data', 9, bob)
    expect(host.accepted.map(({ peer }) => peer)).toEqual([bob])
    expect(waiting.map(({ theirs }) => theirs.status === 'reset')).toEqual(waiting.map((_, id) => id === 0))
  })

  test('nobody gives way to who has as many; one more is refused as busy', async () => {
    const host = new Host()
    for (let id = 0; id < MAX_HALF_OPEN; id++) {
      await host.hello('data', id, await seededPeerId(seededRandom(String(id))))
    }
    const again = await host.hello('control', 999, await seededPeerId(seededRandom('3')))
    expect(await read(again.theirs)).toMatchObject({ type: 'reject', reason: 'busy' })
    expect(host.admitted).toEqual([])
  })

  test('MAX_HALF_OPEN_PER_PEER of them may be of one peer; others find room beside it', async () => {
    const host = new Host()
    for (let id = 0; id < MAX_HALF_OPEN_PER_PEER; id++) {
      expect((await host.hello('data', id)).failed).toBeUndefined()
    }
    for (const lane of ['data', 'control'] as const) {
      expect((await host.hello(lane, 99)).failed).toMatchObject({ code: 'ERR_INVALID_MESSAGE' }) // libp2p resets it
    }
    await host.hello('control', 0)
    await host.hello('data', 1, bob)
    await host.hello('control', 1, bob)
    expect(host.accepted.map(({ peer }) => peer)).toEqual([alice, bob])
  })

  test('MAX_SILENT_PER_PEER streams of one peer may say nothing; one more is reset at once', async () => {
    const host = new Host()
    const silent = Array.from({ length: MAX_SILENT_PER_PEER }, async () => host.open(new Uint8Array(0)))
    expect((await host.hello('control', 1)).failed).toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
    expect((await host.hello('control', 1, bob)).failed).toBeUndefined()
    host.shutdown.abort(new DOMException('stopping', 'AbortError'))
    expect((await Promise.all(silent)).every(({ failed }) => failed instanceof DOMException)).toBe(true)
  })

  test('those that have said hello do not count among them', async () => {
    const host = new Host()
    for (let id = 0; id < MAX_SILENT_PER_PEER; id++) {
      await host.hello('control', id)
      await host.hello('data', id)
    }
    expect(host.accepted).toHaveLength(MAX_SILENT_PER_PEER)
  })

  test('a length that does not end is refused by its third byte, and what follows is not looked at', async () => {
    const { ours, failed } = await new Host().open(new Uint8Array(MAX_EARLY_BYTES).fill(0xff))
    expect(failed).toMatchObject({ name: 'InvalidDataLengthLengthError' })
    expect(ours.status).toBe('open') // libp2p resets it
  })

  test('a lane may hold MAX_EARLY_BYTES until the other one is here; one byte more resets it', async () => {
    const host = new Host()
    const { ours, theirs } = await host.hello('data', 1)
    theirs.send(new Uint8Array(MAX_EARLY_BYTES))
    await vi.waitUntil(() => bufferOf(ours) === MAX_EARLY_BYTES, { timeout: 60_000 })
    expect(ours.status).toBe('open')
    theirs.send(new Uint8Array(1))
    await vi.waitUntil(() => ours.status === 'aborted', { timeout: 60_000 })
  })

  test('a hello may have MAX_HELLO_BYTES; one of a byte more is refused by its length', async () => {
    const host = new Host()
    const refused = await host.open(Buffer.concat([lengthOf(MAX_HELLO_BYTES + 1), new Uint8Array(8)]))
    expect(refused.failed).toMatchObject({ name: 'InvalidDataLengthError' })
    const session = new Uint8Array(16).fill(1)
    const short = encodeMessage({ type: 'hello', root, lane: 'data', session })
    // a field that this version does not know, as long as it may be
    const rest = MAX_HELLO_BYTES - short.byteLength - 4
    const unknown = Buffer.concat([Buffer.of(0xfa, 0x7f), lengthOf(rest), new Uint8Array(rest)])
    expect((await host.open(delimit(Buffer.concat([short, unknown])))).failed).toBeUndefined()
  })

  test('a second lane of the same kind is refused', async () => {
    const host = new Host()
    await host.hello('data', 1)
    expect((await host.hello('data', 1)).failed).toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
  })

  test('stopping ends the lanes that still wait for their other half', async () => {
    const host = new Host()
    const { ours } = await host.hello('control', 1)
    expect(ours.status).toBe('open')
    host.shutdown.abort()
    expect(ours.status).toBe('aborted')
    await host.hello('data', 1)
    expect(host.accepted).toEqual([])
  })

  test('a lane that says nothing is let go when the node stops', async () => {
    const host = new Host()
    const opening = host.open(new Uint8Array(0))
    host.shutdown.abort(new DOMException('stopping', 'AbortError'))
    expect((await opening).failed).toBeInstanceOf(Error)
  })
})

describe('a move of a session', () => {
  const hello = (lane: LaneName, move: number): Uint8Array =>
    say({ type: 'hello', root, lane, session: new Uint8Array(16).fill(1), moves: true, move, heard: 5 })

  test('is answered with what was heard of it, and is not admitted as a new session', async () => {
    const host = new Host()
    host.heard = 70
    host.refusal = 'busy'
    const { theirs } = await host.open(hello('control', 2))
    expect(await read(theirs)).toMatchObject({ type: 'hello', moves: true, move: 2, heard: 70 })
    await host.open(hello('data', 2))
    expect([host.moved, host.admitted]).toEqual([[2], []])
  })

  test('is no pair with lanes of another move, or of the session itself', async () => {
    const host = new Host()
    await host.open(hello('control', 2))
    await host.open(hello('data', 3))
    await host.hello('data', 1)
    expect(host.moved).toEqual([])
  })

  test('is refused for the reason that there is', async () => {
    const host = new Host()
    host.heard = 'not-held'
    const { theirs } = await host.open(hello('control', 1))
    expect(await read(theirs)).toMatchObject({ type: 'reject', reason: 'not-held' })
  })
})

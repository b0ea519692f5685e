import { streamPair } from '@p2pshare/testkit'
import { describe, expect, test } from 'vitest'
import { streamLane } from '../../src/session/lane.ts'

/** Enough turns of the loop for messages between two streams in memory. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  await settle()
  return settled
}

/** A lane that has just said that it is full. */
async function fullLane(): Promise<ReturnType<typeof streamLane>> {
  const [ours] = await streamPair({ capacity: 2 })
  const lane = streamLane(ours)
  let sends = 1
  while (lane.send(new Uint8Array(1024))) {
    expect(++sends).toBeLessThan(100)
  }
  return lane
}

describe('a libp2p stream as a lane', () => {
  test('that ended before it became one says so', async () => {
    const [ours] = await streamPair()
    ours.abort(new DOMException('gone', 'AbortError'))
    expect(await isSettled(streamLane(ours).closed)).toBe(true)
  })

  test('whose peer had finished before it became one ends too', async () => {
    const [ours, theirs] = await streamPair()
    await theirs.close()
    await settle()
    const lane = streamLane(ours)
    expect(await isSettled(lane.closed)).toBe(true)
  })

  test('carries bytes both ways, those that came before anybody listened too', async () => {
    const [ours, theirs] = await streamPair()
    const [lane, peer] = [streamLane(ours), streamLane(theirs)]
    lane.send(Uint8Array.of(1, 2))
    await settle()
    const [here, there]: [number[], number[]] = [[], []]
    lane.receive((chunk) => here.push(...chunk))
    peer.receive((chunk) => there.push(...chunk))
    peer.send(Uint8Array.of(3))
    lane.send(Uint8Array.of(4))
    await settle()
    expect([here, there]).toEqual([[3], [1, 2, 4]])
  })

  test('says when it is full, and waits for the stream to drain', async () => {
    const lane = await fullLane()
    expect(lane.send(new Uint8Array(1024))).toBe(false)
    const waiting = lane.backlogBytes
    expect(waiting).toBeGreaterThan(0)
    await lane.drained()
    expect(lane.backlogBytes).toBeLessThan(waiting)
  })

  test('a second time as well as the first', async () => {
    const lane = await fullLane()
    await lane.drained()
    while (lane.send(new Uint8Array(1024))) {
      // until it is full again
    }
    const drained = lane.drained()
    let early = true
    void drained.then(() => (early = false))
    await Promise.resolve()
    await Promise.resolve()
    expect(early).toBe(true)
    await drained
  })

  test('does not wait when there is room', async () => {
    const [ours] = await streamPair()
    expect(await isSettled(streamLane(ours).drained())).toBe(true)
  })

  test('lets go of who waits when it ends', async () => {
    const lane = await fullLane()
    const drained = lane.drained()
    lane.abort(new DOMException('enough', 'AbortError'))
    await drained
    expect(lane.send(Uint8Array.of(1))).toBe(true)
  })

  test('ends without an error when the peer ends it, on both sides', async () => {
    const [ours, theirs] = await streamPair()
    const [lane, peer] = [streamLane(ours), streamLane(theirs)]
    lane.receive(() => undefined)
    peer.receive(() => undefined)
    peer.end()
    expect(await lane.closed).toBeUndefined()
    expect(await peer.closed).toBeUndefined()
  })

  test('hands over what was sent before the end', async () => {
    const [ours, theirs] = await streamPair()
    const [lane, peer] = [streamLane(ours), streamLane(theirs)]
    const received: number[] = []
    peer.receive((chunk) => received.push(...chunk))
    lane.send(Uint8Array.of(1, 2, 3))
    lane.end()
    await peer.closed
    expect(received).toEqual([1, 2, 3])
  })

  test('tells of a reset by its error', async () => {
    const [ours, theirs] = await streamPair()
    const lane = streamLane(ours)
    theirs.abort(new DOMException('no more', 'AbortError'))
    expect(await lane.closed).toBeInstanceOf(Error)
  })
})

import { describe, expect, it } from 'vitest'
import { BlockLink, MAX_BLOCK_REQUESTS } from '../../src/block/block-link.ts'
import { decodeBlockRequest, encodeBlockAnswer, MAX_BLOCK_REQUEST_BYTES } from '../../src/block/wire/codec.ts'
import { Undelimiter } from '../../src/wire/delimited.ts'
import { FakeLane } from '../session/support/fake-lane.ts'
import { settled, small } from './support/blocks.ts'

function open() {
  const lane = new FakeLane()
  return { lane, link: new BlockLink(lane) }
}

function asked(lane: FakeLane) {
  const requests = new Undelimiter(MAX_BLOCK_REQUEST_BYTES)
  return lane.sent.map((bytes) => decodeBlockRequest(requests.take(bytes, 0).message ?? new Uint8Array(0)))
}

function answer(lane: FakeLane, id: number, bytes = small.bytes): void {
  lane.deliver(encodeBlockAnswer({ id, bytes: bytes.byteLength }), bytes)
}

describe('BlockLink', () => {
  it('asks in one write, and gives what the peer answers', async () => {
    const { lane, link } = open()
    const block = link.ask(small.cid, undefined, {})
    expect(asked(lane)).toEqual([{ id: 1, cid: small.cid }])
    answer(lane, 1)
    expect(await block).toEqual(small.bytes)
    expect(link.pending).toBe(0)
  })

  it('has several requests under way, answered in any order', async () => {
    const { lane, link } = open()
    const blocks = [link.ask(small.cid, undefined, {}), link.ask(small.cid, small.cid, {})]
    answer(lane, 2, Uint8Array.of(2))
    answer(lane, 1, Uint8Array.of(1))
    expect(await Promise.all(blocks)).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
  })

  it('says why the peer refused', async () => {
    const { lane, link } = open()
    const block = link.ask(small.cid, undefined, {})
    lane.deliver(encodeBlockAnswer({ id: 1, refusal: 'not-held' }))
    await expect(block).rejects.toMatchObject({ name: 'BlockRefusedError', reason: 'not-held' })
    expect(link.isOpen).toBe(true)
  })

  it('has MAX_BLOCK_REQUESTS under way, and no more', async () => {
    const { lane, link } = open()
    const blocks = Array.from({ length: MAX_BLOCK_REQUESTS }, async () => link.ask(small.cid, undefined, {}))
    await expect(link.ask(small.cid, undefined, {})).rejects.toMatchObject({ reason: 'busy' })
    expect(lane.sent).toHaveLength(MAX_BLOCK_REQUESTS)
    lane.finish()
    await Promise.allSettled(blocks)
  })

  it('can be given up before and while it waits; the late answer is dropped', async () => {
    const { lane, link } = open()
    const reason = new Error('no more')
    await expect(link.ask(small.cid, undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(lane.sent).toHaveLength(0)
    const controller = new AbortController()
    const block = link.ask(small.cid, undefined, { signal: controller.signal })
    controller.abort(reason)
    await expect(block).rejects.toBe(reason)
    expect(link.pending).toBe(1)
    answer(lane, 1)
    expect(link.pending).toBe(0)
    expect(link.isOpen).toBe(true)
  })

  it('fails what waits when the peer goes away, and what comes later', async () => {
    const { lane, link } = open()
    const block = link.ask(small.cid, undefined, {})
    lane.finish(new Error('reset'))
    await expect(block).rejects.toMatchObject({ name: 'BlockLinkClosedError' })
    await expect(link.ask(small.cid, undefined, {})).rejects.toMatchObject({ name: 'BlockLinkClosedError' })
    expect(link.isOpen).toBe(false)
  })

  it('ends with a peer that breaks a rule', async () => {
    const { lane, link } = open()
    const block = link.ask(small.cid, undefined, {})
    answer(lane, 9)
    await expect(block).rejects.toMatchObject({ name: 'InvalidMessageError' })
    expect(lane.error).toMatchObject({ name: 'InvalidMessageError' })
  })

  it('stops reading for as long as a cap says', async () => {
    const lane = new FakeLane()
    const link = new BlockLink(lane, { took: () => 1 })
    const block = link.ask(small.cid, undefined, {})
    answer(lane, 1)
    expect(lane.paused).toBe(true)
    await block
    await settled()
    link.close()
  })
})

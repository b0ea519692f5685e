import { describe, expect, test } from 'vitest'
import { SourceChangedError } from '../../src/errors.ts'
import type { Session } from '../../src/session/session.ts'
import { SendWindow } from '../../src/session/send-window.ts'
import { MAX_NODE_REQUESTS, Uploader } from '../../src/share/uploader.ts'
import type { Message } from '../../src/wire/codec.ts'
import type { FrameHeader } from '../../src/wire/frame.ts'

const LEAF_BYTES = 40_000

/** An uploader for one peer, with what the peer got. */
function uploader({ fails }: { fails?: Error } = {}) {
  const frames: FrameHeader[] = []
  const messages: Message[] = []
  const failures: Error[] = []
  const session = {
    isOpen: true,
    closed: new Promise<string>(() => undefined),
    window: new SendWindow(),
    send: (message: Message) => messages.push(message),
    sendFrame: (header: FrameHeader) => {
      frames.push(header)
      return Promise.resolve()
    }
  } as unknown as Session
  const served = new Uploader(session, {
    leafBytes: () => LEAF_BYTES,
    has: (leaf) => leaf < 10,
    read: (_leaf, into) => (fails === undefined ? Promise.resolve(into) : Promise.reject(fails)),
    node: () => Promise.resolve(undefined),
    sent: () => undefined,
    failed: (error) => failures.push(error)
  })
  return { served, frames, messages, failures }
}

/** Turns of the event loop until something is so. */
async function until(so: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !so(); turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(so()).toBe(true)
}

describe('serving one peer', () => {
  test('runs of a leaf are sent as they were asked for', async () => {
    const { served, frames } = uploader()
    served.request([
      { leaf: 1, first: 0, count: 3 },
      { leaf: 2, first: 1, count: 1 }
    ])
    await until(() => frames.length === 2)
    expect(frames).toEqual([
      { kind: 'data', leaf: 1, firstBlock: 0, bytes: LEAF_BYTES },
      { kind: 'data', leaf: 2, firstBlock: 1, bytes: 16_384 }
    ])
  })

  test('a request that comes at the very moment the queue ran dry is served', async () => {
    for (let microtasks = 0; microtasks < 40; microtasks++) {
      const { served, frames } = uploader()
      served.request([{ leaf: 1, first: 0, count: 3 }])
      for (let turn = 0; turn < microtasks; turn++) {
        await Promise.resolve()
      }
      served.request([{ leaf: 2, first: 0, count: 3 }])
      await until(() => frames.length === 2)
    }
  })

  test('what is not held is refused, the rest is sent', async () => {
    const { served, frames, messages } = uploader()
    const missing = { leaf: 10, first: 0, count: 1 }
    served.request([missing, { leaf: 9, first: 0, count: 1 }])
    await until(() => frames.length === 1)
    expect(messages).toEqual([{ type: 'reject', reason: 'not-held', runs: [missing], nodes: 0 }])
  })

  test('a file that changed refuses the leaf and says that the share cannot be served', async () => {
    const { served, messages, failures } = uploader({ fails: new SourceChangedError('file', 'changed') })
    served.request([{ leaf: 0, first: 0, count: 1 }])
    await until(() => failures.length === 1)
    expect(messages).toMatchObject([{ type: 'reject', reason: 'not-held' }])
  })

  test('a read that fails otherwise refuses the leaf, and the share goes on', async () => {
    const { served, messages, failures } = uploader({ fails: new DOMException('later', 'NotReadableError') })
    served.request([{ leaf: 0, first: 0, count: 1 }])
    await until(() => messages.length === 1)
    expect(messages).toMatchObject([{ type: 'reject', reason: 'not-held' }])
    expect(failures).toEqual([])
  })

  test('MAX_NODE_REQUESTS may wait; one more is refused as busy', () => {
    const { served, messages } = uploader()
    for (let id = 1; id <= MAX_NODE_REQUESTS; id++) {
      served.requestNodes(id, [])
    }
    expect(messages).toEqual([])
    served.requestNodes(99, [])
    expect(messages).toEqual([{ type: 'reject', reason: 'busy', runs: [], nodes: 99 }])
  })
})

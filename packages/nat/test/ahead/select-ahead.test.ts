import type { Stream } from '@libp2p/interface'
import { lpStream, streamPair } from '@libp2p/utils'
import type { LengthPrefixedStream } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { selectAhead } from '../../src/ahead/index.ts'

// the guard is that of the test: a time that began with the file would end while later tests still run
const { signal } = new AbortController()
/** What is sent comes in at the other end after this. */
const delay = 50
const HEADER = '/multistream/1.0.0\n'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function line(messages: LengthPrefixedStream<Stream>): Promise<string> {
  return new TextDecoder().decode((await messages.read({ signal })).subarray())
}

/** As multistream-select's server does it. */
async function answer(messages: LengthPrefixedStream<Stream>, protocol: string): Promise<void> {
  await messages.write(bytes(await line(messages)), { signal })
  await messages.write(bytes((await line(messages)) === protocol ? protocol : 'na\n'), { signal })
}

test('who proposes goes on without waiting, and what follows arrives in order', async () => {
  const [one, other] = await streamPair({ delay })
  selectAhead(one)
  const [near, far] = [lpStream(one), lpStream(other)]
  await near.writeV([bytes(HEADER), bytes('/one\n')], { signal })
  await expect(line(near)).resolves.toBe(HEADER)
  await expect(line(near)).resolves.toBe('/one\n')
  // nothing of it has come to the other end yet
  await near.write(bytes('question'), { signal })
  await answer(far, '/one\n')
  await far.write(bytes(`answer to ${await line(far)}`), { signal })
  await expect(line(near)).resolves.toBe('answer to question')
})

test('a protocol that the other end does not know aborts the stream, and whoever proposed it is told', async () => {
  const [one, other] = await streamPair({ delay })
  const { promise, resolve } = Promise.withResolvers<undefined>()
  selectAhead(one, () => {
    resolve(undefined)
  })
  const near = lpStream(one)
  await near.writeV([bytes(HEADER), bytes('/one\n')], { signal })
  await answer(lpStream(other), '/two\n')
  await promise
  expect(one.status).toBe('aborted')
})

test('a stream that begins with something else is left as it is', async () => {
  const [one, other] = await streamPair({ delay })
  selectAhead(one)
  const [near, far] = [lpStream(one), lpStream(other)]
  await near.write(bytes('hello'), { signal })
  await far.write(bytes(await line(far)), { signal })
  await expect(line(near)).resolves.toBe('hello')
})

test('a header that comes before anything was proposed, as from go, is part of the answer', async () => {
  const [one, other] = await streamPair({ delay })
  selectAhead(one)
  const [near, far] = [lpStream(one), lpStream(other)]
  const came = new Promise((resolve) => {
    one.addEventListener('message', resolve, { once: true })
  })
  await far.write(bytes(HEADER), { signal })
  await came
  await near.writeV([bytes(HEADER), bytes('/one\n')], { signal })
  await expect(line(near)).resolves.toBe(HEADER)
  await expect(line(near)).resolves.toBe('/one\n')
  await near.write(bytes('question'), { signal })
  await expect(line(far)).resolves.toBe(HEADER)
  await far.write(bytes(await line(far)), { signal })
  await far.write(bytes(`answer to ${await line(far)}`), { signal })
  await expect(line(near)).resolves.toBe('answer to question')
})

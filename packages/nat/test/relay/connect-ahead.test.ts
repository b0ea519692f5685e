import { lpStream, streamPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { aheadCircuit, connectAhead } from '../../src/relay/connect-ahead.ts'
import { MAX_STATUS_BYTES } from '../../src/relay/constants.ts'

const { signal } = new AbortController()
/** What is sent comes in at the other end after this. */
const delay = 20

/** `HopMessage`: CONNECT to nobody; RESERVE; STATUS with a limit of 120 s and 300 bytes. */
const CONNECT = Uint8Array.of(0x08, 1)
const RESERVE = Uint8Array.of(0x08, 0)
const YES = Uint8Array.of(0x08, 2, 0x22, 5, 0x08, 120, 0x10, 0xac, 2, 0x28, 100)
const NO_RESERVATION = Uint8Array.of(0x08, 2, 0x28, 0xcc, 1)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('who asks for a circuit goes on before the relay has agreed, and what follows arrives in order', async () => {
  const [one, other] = await streamPair({ delay })
  connectAhead(one)
  const [near, far] = [lpStream(one), lpStream(other)]
  await near.write(CONNECT, { signal })
  expect((await near.read({ signal })).subarray()).toEqual(Uint8Array.of(0x08, 2, 0x28, 100))
  expect(aheadCircuit(one)).toEqual({ limits: {}, refusal: undefined })
  // nothing of it has come to the other end yet
  await near.write(bytes('question'), { signal })
  expect((await far.read({ signal })).subarray()).toEqual(CONNECT)
  await far.write(YES, { signal })
  await far.write((await far.read({ signal })).subarray(), { signal })
  expect((await near.read({ signal })).subarray()).toEqual(bytes('question'))
  expect(aheadCircuit(one)?.limits).toEqual({ seconds: 120, bytes: 300n })
})

test('a yes that comes in pieces, with data on its heels, is the same', async () => {
  const [one, other] = await streamPair({ delay })
  connectAhead(one)
  const near = lpStream(one)
  await near.write(CONNECT, { signal })
  await near.read({ signal })
  for (const byte of [YES.length, ...YES, 2, 7]) {
    other.send(Uint8Array.of(byte))
  }
  other.send(Uint8Array.of(8))
  expect([...(await near.read({ signal })).subarray()]).toEqual([7, 8])
  expect(aheadCircuit(one)?.limits).toEqual({ seconds: 120, bytes: 300n })
})

test.each([
  ['a no', NO_RESERVATION, 'NO_RESERVATION'],
  ['a status that nobody knows', Uint8Array.of(0x08, 2, 0x28, 99), 'undefined'],
  ['no status', new Uint8Array(0), 'undefined'],
  ['something else', bytes('hello'), 'undefined']
])('%s aborts the stream, and says why', async (_, answer, status) => {
  const [one, other] = await streamPair({ delay })
  connectAhead(one)
  const closed = new Promise((resolve) => {
    one.addEventListener('close', resolve, { once: true })
  })
  await lpStream(one).write(CONNECT, { signal })
  await lpStream(other).write(answer, { signal })
  await closed
  expect(one.status).toBe('aborted')
  expect(aheadCircuit(one)?.refusal).toMatchObject({ message: `failed to connect via relay with status ${status}` })
})

test('an answer as long as it may be is read, and a longer one is refused by its length alone', async () => {
  for (const [length, isRead] of [
    [MAX_STATUS_BYTES, true],
    [MAX_STATUS_BYTES + 1, false]
  ] as const) {
    const [one, other] = await streamPair({ delay })
    connectAhead(one)
    const near = lpStream(one)
    await near.write(CONNECT, { signal })
    await near.read({ signal })
    const closed = new Promise((resolve) => {
      one.addEventListener('close', resolve, { once: true })
    })
    // a yes, and an unknown field of as many bytes as there is room for
    const rest = length - YES.length - 3
    const unknown = Uint8Array.of(0x7a, 0x80 + (rest % 128), Math.floor(rest / 128), ...new Uint8Array(rest))
    const message = Uint8Array.of(...YES, ...unknown)
    other.send(Uint8Array.of(0x80 + (message.length % 128), Math.floor(message.length / 128)))
    if (isRead) {
      other.send(message)
      other.send(Uint8Array.of(1, 9))
      expect([...(await near.read({ signal })).subarray()]).toEqual([9])
    } else {
      await closed
      expect(aheadCircuit(one)?.refusal).toBeDefined()
    }
  }
})

test('a stream on which a place is asked for is left as it is', async () => {
  const [one, other] = await streamPair({ delay })
  connectAhead(one)
  const [near, far] = [lpStream(one), lpStream(other)]
  await near.write(RESERVE, { signal })
  await far.write((await far.read({ signal })).subarray(), { signal })
  expect((await near.read({ signal })).subarray()).toEqual(RESERVE)
  expect(aheadCircuit(one)).toBeUndefined()
})

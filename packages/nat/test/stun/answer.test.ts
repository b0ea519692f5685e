import { expect, test } from 'vitest'
import { answerStun } from '../../src/stun/answer.ts'
import type { ServerAddresses, StunReply } from '../../src/stun/answer.ts'
import { decodeStun, encodeStun } from '../../src/stun/codec.ts'
import { QUESTION_BYTES } from '../../src/stun/constants.ts'
import type { ChangeRequest } from '../../src/stun/message.ts'

const transactionId = new Uint8Array(12).fill(7)
const from = { host: '198.51.100.9', port: 5000 }
const all: ServerAddresses = {
  0: { host: '192.0.2.1', port: 1 },
  1: { host: '192.0.2.1', port: 2 },
  2: { host: '192.0.2.2', port: 1 },
  3: { host: '192.0.2.2', port: 2 }
}
const strict = { answerShortQuestions: false }

function ask(change?: ChangeRequest, addresses = all, bytes?: Uint8Array): StunReply | undefined {
  const question =
    bytes ?? encodeStun({ class: 'request', transactionId, ...(change ? { change } : {}) }, QUESTION_BYTES)
  return answerStun({ bytes: question, from, at: 0 }, addresses, strict)
}

test('the answer says from where it was asked, where it comes from, and where else there is', () => {
  const reply = ask()
  expect(reply?.via).toBe(0)
  expect(decodeStun(reply?.bytes ?? new Uint8Array())).toMatchObject({
    class: 'success',
    transactionId,
    mapped: from,
    origin: all[0],
    other: all[3]
  })
})

test.each([
  [{ ip: false, port: false }, 0],
  [{ ip: false, port: true }, 1],
  [{ ip: true, port: false }, 2],
  [{ ip: true, port: true }, 3]
] as const)('%o is answered from socket %i', (change, via) => {
  expect(ask(change)?.via).toBe(via)
})

test('a change that cannot be made is refused, from the socket that was asked', () => {
  const reply = ask({ ip: true, port: true }, { 0: { host: '192.0.2.1', port: 1 }, 1: { host: '192.0.2.1', port: 2 } })
  expect(reply?.via).toBe(0)
  expect(decodeStun(reply?.bytes ?? new Uint8Array())).toMatchObject({ failure: { code: 420 }, unknown: [3] })
})

test('with two ports of one host, the other port is named', () => {
  const reply = ask(undefined, { 0: { host: '0.0.0.0', port: 1 }, 1: { host: '0.0.0.0', port: 2 } })
  const answer = decodeStun(reply?.bytes ?? new Uint8Array())
  expect(answer.other).toEqual({ host: '0.0.0.0', port: 2 })
  expect(answer).not.toHaveProperty('origin')
})

test.each([4, 6])('no answer is bigger than its question, over IPv%i', (family) => {
  const peer = family === 4 ? from : { host: '2001:db8::9', port: 5000 }
  const host = (n: number): string => (family === 4 ? `192.0.2.${n}` : `2001:db8::${n}`)
  const addresses = { 0: { host: host(1), port: 1 }, 3: { host: host(2), port: 2 } }
  for (let size = 28; size <= QUESTION_BYTES; size += 4) {
    const bytes = encodeStun({ class: 'request', transactionId }, size)
    const reply = answerStun({ bytes, from: peer, at: 0 }, addresses, strict)
    expect(reply?.bytes.byteLength ?? 0).toBeLessThanOrEqual(bytes.byteLength)
  }
  const full = encodeStun({ class: 'request', transactionId }, QUESTION_BYTES)
  expect(decodeStun(answerStun({ bytes: full, from: peer, at: 0 }, addresses, strict)?.bytes ?? full)).toMatchObject({
    mapped: peer,
    origin: addresses[0],
    other: addresses[3]
  })
})

test('a question without room is answered with the address alone where that is allowed, and else not', () => {
  const bytes = encodeStun({ class: 'request', transactionId }).slice(0, 20)
  bytes.set([0, 0], 2)
  expect(answerStun({ bytes, from, at: 0 }, all, strict)).toBeUndefined()
  const reply = answerStun({ bytes, from, at: 0 }, all, { answerShortQuestions: true })
  expect(reply?.bytes.byteLength).toBe(32)
  expect(decodeStun(reply?.bytes ?? bytes).mapped).toEqual(from)
})

test('what must be understood and is not is named', () => {
  const plain = encodeStun({ class: 'request', transactionId }, QUESTION_BYTES).slice(0, QUESTION_BYTES - 8)
  plain.set([0, plain.byteLength - 20], 2)
  plain.set([0x00, 0x06], 20)
  const reply = answerStun({ bytes: plain, from, at: 0 }, all, strict)
  expect(decodeStun(reply?.bytes ?? plain)).toMatchObject({ failure: { code: 420 }, unknown: [6] })
})

test.each(['indication', 'success', 'error'] as const)('%s gets no answer', (name) => {
  expect(ask(undefined, all, encodeStun({ class: name, transactionId }, QUESTION_BYTES))).toBeUndefined()
})

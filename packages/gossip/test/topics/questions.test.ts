import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerAnswer } from '@p2pshare/interface'
import { expect, test } from 'vitest'
import {
  MAX_ANSWERING,
  MAX_ANSWERS,
  MAX_ASKING,
  MAX_HANDLERS,
  MAX_OPEN_QUESTIONS,
  QUESTION_ID_BYTES
} from '../../src/topics/constants.ts'
import { Questions } from '../../src/topics/questions.ts'
import { signAnswer } from '../../src/topics/signed.ts'
import type { Direct } from '../../src/wire/direct-codec.ts'
import type { QuestionMessage } from '../../src/wire/network-codec.ts'
import { randomPeer } from '../support/peers.ts'

const privateKey = await generateKeyPair('Ed25519')
const self = { privateKey, peerId: peerIdFromPrivateKey(privateKey) }
const [asker, neighbour] = [await randomPeer(), await randomPeer()]
const payload = new Uint8Array()

interface Rig {
  readonly questions: Questions
  readonly sent: Direct[]
}

/** Questions of one node without a network. */
function rig(): Rig {
  const sent: Direct[] = []
  const questions = new Questions({
    self,
    log: defaultLogger().forComponent('test:questions'),
    publish: async () => Promise.resolve(),
    send: (_, message) => sent.push(message) > 0
  })
  return { questions, sent }
}

function idOf(n: number): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(QUESTION_ID_BYTES)
  new DataView(id.buffer).setUint32(0, n)
  return id
}

function question(n: number, topic = 'q'): QuestionMessage {
  return { type: 'question', id: idOf(n), topic, payload, deadlineMs: 60_000, maxAnswers: MAX_ANSWERS }
}

test('a node answers questions under the most names, and under one more when another is given up', () => {
  const { questions } = rig()
  const stops = Array.from({ length: MAX_HANDLERS }, (_, n) => questions.answer(`q${n}`, () => undefined))
  const oneMore = (): (() => void) => questions.answer('one more', () => undefined)
  expect(oneMore).toThrow(expect.objectContaining({ code: 'ERR_TOO_MANY_ASKS', max: MAX_HANDLERS }))
  stops[0]?.()
  expect(oneMore).not.toThrow()
})

test('the most questions are asked at once, and one more when another has ended', async () => {
  const { questions } = rig()
  const controllers = Array.from({ length: MAX_ASKING }, () => new AbortController())
  const ask = async (signal: AbortSignal): Promise<IteratorResult<PeerAnswer, void>> =>
    questions.ask('q', payload, { signal, deadlineMs: 60_000 }).next()
  const running = controllers.map(async ({ signal }) => ask(signal))
  const after = new AbortController()
  await expect(ask(after.signal)).rejects.toMatchObject({ name: 'TooManyAsksError', max: MAX_ASKING })
  controllers[0]?.abort()
  await running[0]
  running.push(ask(after.signal))
  after.abort()
  questions.end()
  expect((await Promise.all(running)).every(({ done }) => done)).toBe(true)
})

test('handlers are at work on the most questions at once, and on one more when one is answered', async () => {
  const { questions } = rig()
  const atWork: ReturnType<typeof Promise.withResolvers<undefined>>[] = []
  questions.answer('q', async () => {
    const work = Promise.withResolvers<undefined>()
    atWork.push(work)
    return work.promise
  })
  for (let n = 0; n <= MAX_ANSWERING; n++) {
    questions.heard(asker, neighbour, question(n), 0)
  }
  expect(atWork).toHaveLength(MAX_ANSWERING)
  atWork[0]?.resolve(undefined)
  await new Promise((resolve) => setImmediate(resolve))
  questions.heard(asker, neighbour, question(MAX_ANSWERING + 1), 0)
  expect(atWork).toHaveLength(MAX_ANSWERING + 1)
})

test('answers to the most questions are passed on, and to one more when the deadlines are over', async () => {
  const { questions, sent } = rig()
  for (let n = 0; n <= MAX_OPEN_QUESTIONS; n++) {
    questions.heard(asker, neighbour, question(n), 0)
  }
  const answer = async (n: number, now: number): Promise<boolean> =>
    questions.answered(await signAnswer(self, idOf(n), payload), now)
  await answer(MAX_OPEN_QUESTIONS - 1, 1)
  expect(sent).toHaveLength(1)
  await answer(MAX_OPEN_QUESTIONS, 1)
  expect(sent).toHaveLength(1)
  questions.heard(asker, neighbour, question(MAX_OPEN_QUESTIONS), 60_000)
  await answer(MAX_OPEN_QUESTIONS, 60_001)
  expect(sent).toHaveLength(2)
})

test('maxAnswers may be the most answers that nodes remember, and not one more', async () => {
  const { questions } = rig()
  const ask = async (maxAnswers: number): Promise<unknown> =>
    questions.ask('q', payload, { maxAnswers, deadlineMs: 50 }).next()
  expect(await ask(MAX_ANSWERS)).toMatchObject({ done: true })
  await expect(ask(MAX_ANSWERS + 1)).rejects.toMatchObject({ name: 'InvalidOptionError' })
})

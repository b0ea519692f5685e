import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { derivePathKeys, successorIds } from '../../src/path/keys.ts'
import { decodeHandshake, encodeHandshake } from '../../src/wire/handshake.ts'
import { openPathMessage, sealPathMessage } from '../../src/wire/path.ts'

interface Vectors {
  readonly nonce: string
  readonly cookie: string
  readonly init: string
  readonly initWithCookie: string
  readonly retry: string
  readonly accept: string
  readonly reject: string
  readonly secrets: { readonly asked: string; readonly answered: string }
  readonly keys: { readonly asked: readonly string[]; readonly answered: readonly string[]; readonly base: string }
  readonly challenge: string
  readonly successor: { readonly ofAsked: number; readonly ofAnswered: number }
  readonly probe: string
  readonly pong: string
  readonly prove: string
}

const vectors = JSON.parse(readFileSync(new URL('../fixtures/udx-vectors.json', import.meta.url), 'utf8')) as Vectors
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hex = (array: Uint8Array): string => Buffer.from(array).toString('hex')

test('the handshake is as in the vectors', () => {
  const nonce = bytes(vectors.nonce)
  const cookie = bytes(vectors.cookie)
  const messages = {
    init: { type: 'init', nonce, id: 0x01020304, cookie: undefined },
    initWithCookie: { type: 'init', nonce, id: 0x01020304, cookie },
    retry: { type: 'retry', nonce, cookie },
    accept: { type: 'accept', nonce, id: 0xfffefdfc },
    reject: { type: 'reject', nonce }
  } as const
  for (const name of ['init', 'initWithCookie', 'retry', 'accept', 'reject'] as const) {
    expect(hex(encodeHandshake(messages[name]))).toBe(vectors[name])
    expect(decodeHandshake(bytes(vectors[name]))).toEqual(messages[name])
  }
})

test('keys, ids of successors and path messages are as in the vectors', () => {
  const material = {
    asked: { secret: bytes(vectors.secrets.asked), streamId: 0x01020304 },
    answered: { secret: bytes(vectors.secrets.answered), streamId: 0xfffefdfc }
  }
  const asked = derivePathKeys(material, 'asked')
  const answered = derivePathKeys(material, 'answered')
  expect([asked.send.key, asked.send.token].map(hex)).toEqual(vectors.keys.asked)
  expect([answered.send.key, answered.send.token].map(hex)).toEqual(vectors.keys.answered)
  expect(hex(asked.base)).toBe(vectors.keys.base)
  expect(answered.receive).toEqual(asked.send)
  const challenge = bytes(vectors.challenge)
  const { ofAsked, ofAnswered } = vectors.successor
  expect(successorIds(asked, challenge)).toEqual({ localId: ofAsked, remoteId: ofAnswered })
  expect(successorIds(answered, challenge)).toEqual({ localId: ofAnswered, remoteId: ofAsked })
  const messages = {
    probe: { type: 'probe', sequence: 7 },
    pong: { type: 'pong', sequence: 7, challenge },
    prove: { type: 'prove', received: 1_000_000, challenge }
  } as const
  for (const name of ['probe', 'pong', 'prove'] as const) {
    // all as the one who asked sends them
    expect(hex(sealPathMessage(messages[name], asked.send.token, asked.send.key))).toBe(vectors[name])
    expect(openPathMessage(bytes(vectors[name]), answered.receive.key)).toEqual(messages[name])
  }
})

import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { Message } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  MAX_MESSAGES_PER_NEIGHBOUR,
  MAX_MESSAGES_PER_SIGNER,
  NETWORK_TOPIC,
  RATE_WINDOW_MS
} from '../../src/topics/constants.ts'
import { Gate } from '../../src/topics/gate.ts'
import { encodeNetworkMessage } from '../../src/wire/network-codec.ts'
import { encodePresence } from '../../src/wire/presence-codec.ts'
import { randomPeer, rootOf } from '../support/peers.ts'

const { Accept, Ignore, Reject } = TopicValidatorResult
const good = encodePresence({ type: 'here', multiaddrs: [], everyS: 60 })
const announcement = encodeNetworkMessage({ type: 'announcement', root: rootOf(1), multiaddrs: [] })

let gate: Gate
let self: PeerId, neighbour: PeerId, signer: PeerId

beforeEach(async () => {
  vi.useFakeTimers()
  ;[self, neighbour, signer] = [await randomPeer(), await randomPeer(), await randomPeer()]
  gate = new Gate(self)
})
afterEach(() => {
  vi.useRealTimers()
})

function message(from: PeerId, data = good, topic = 'topic'): Message {
  // the gate looks at nothing else
  return { type: 'signed', from, data, topic } as Message
}

function judge(each: Message): unknown {
  return gate.validate(neighbour, each)
}

test('a good message is passed on and costs its bringer nothing', () => {
  expect(judge(message(signer))).toBe(Accept)
  expect(judge(message(signer, announcement, NETWORK_TOPIC))).toBe(Accept)
  expect(gate.scoreOf(neighbour.toString())).toBe(0)
})

test('a message that cannot be decoded is not passed on and costs its bringer, not its signer', () => {
  expect(judge(message(signer, Uint8Array.of(8, 0)))).toBe(Reject)
  expect(gate.scoreOf(neighbour.toString())).toBe(-1)
  expect(gate.scoreOf(signer.toString())).toBe(0)
})

test('a message of another topic is out of place', () => {
  expect(judge(message(signer, announcement))).toBe(Reject)
  expect(judge(message(signer, good, NETWORK_TOPIC))).toBe(Reject)
})

test('an unsigned message is not passed on', () => {
  expect(judge({ type: 'unsigned', topic: 'topic', data: good })).toBe(Reject)
})

test('our own message that comes back is ignored', () => {
  expect(judge(message(self))).toBe(Ignore)
})

test('a signer is heard so often in a window, in each topic', () => {
  for (let i = 0; i < MAX_MESSAGES_PER_SIGNER; i++) {
    expect(judge(message(signer))).toBe(Accept)
  }
  expect(judge(message(signer))).toBe(Ignore)
  expect(judge(message(signer, good, 'another topic'))).toBe(Accept)
  vi.advanceTimersByTime(RATE_WINDOW_MS)
  expect(judge(message(signer))).toBe(Accept)
})

test('a neighbour brings so many messages in a window, whoever signed them, however they come', () => {
  for (let i = 0; i < MAX_MESSAGES_PER_NEIGHBOUR; i++) {
    if (i % 2 === 0) {
      judge(message(self))
    } else {
      expect(gate.admits(neighbour)).toBe(true)
    }
  }
  expect(judge(message(signer))).toBe(Ignore)
  expect(gate.admits(neighbour)).toBe(false)
  expect(gate.validate(signer, message(neighbour))).toBe(Accept)
})

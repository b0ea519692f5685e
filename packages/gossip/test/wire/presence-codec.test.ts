import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { InvalidMessageError } from '@p2pshare/interface'
import { decodePresence, encodePresence } from '../../src/wire/presence-codec.ts'

const SENDER = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const HERE = encodePresence({ type: 'here', multiaddrs: [], have: { leaves: 4, held: 2 }, everyS: 30 })

test('a field that is no list comes once: what it replaced would be garbage, kilobytes of it in a message', () => {
  expect(decodePresence(HERE, SENDER)).toMatchObject({ type: 'here', everyS: 30 })
  const kind = [8, HERE[1] ?? 0]
  expect(() => decodePresence(Uint8Array.from([...HERE, ...kind]), SENDER)).toThrow(InvalidMessageError)
  // `have` within the message, empty
  expect(() => decodePresence(Uint8Array.from([...HERE, 26, 0]), SENDER)).toThrow(InvalidMessageError)
})

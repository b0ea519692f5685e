import { expect, test } from 'vitest'
import { Signatures } from '../../src/members/signatures.ts'
import { decodeClaim, encodeSignedClaim } from '../../src/wire/claim-codec.ts'
import { createSigner } from '../support/claims.ts'

const ann = await createSigner()
const bob = await createSigner()
const checker = new Signatures(bob.key, bob.peer, '')
const verdictOf = async (wire: Uint8Array): Promise<string> => checker.verify(decodeClaim(wire), wire)

test.each(['Ed25519', 'secp256k1', 'RSA'] as const)('a claim signed with %s is good', async (type) => {
  const signer = await createSigner('', type)
  const { wire, id } = await signer.sign({ incarnation: 7 })
  expect(await verdictOf(wire)).toBe('good')
  expect(checker.idOf(decodeClaim(wire))).toBe(id)
})

test('a suspicion is signed by its accuser', async () => {
  const suspicion = { kind: 'suspect', evidence: 'silent' } as const
  const { wire } = await bob.sign({ ...suspicion, subject: ann.bytes, accuser: bob.bytes })
  expect(await verdictOf(wire)).toBe('good')
  const { wire: forged } = await bob.sign({ ...suspicion, subject: ann.bytes, accuser: ann.bytes })
  expect(await verdictOf(forged)).toBe('bad')
})

test('nobody can say goodbye for somebody else', async () => {
  const { wire } = await bob.sign({ kind: 'left', subject: ann.bytes })
  expect(await verdictOf(wire)).toBe('bad')
})

test('a claim of another network means nothing', async () => {
  const elsewhere = await createSigner('elsewhere')
  const { wire } = await elsewhere.sign({})
  expect(await verdictOf(wire)).toBe('bad')
})

test('each changed byte of body or signature makes it bad', async () => {
  const { wire } = await ann.sign({ incarnation: 300 })
  const { body, signature } = decodeClaim(wire)
  const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1)
  for (let at = 0; at < signature.byteLength; at++) {
    expect(await verdictOf(encodeSignedClaim(body, flipped(signature, at)))).toBe('bad')
  }
  // the incarnation, at its end
  expect(await verdictOf(encodeSignedClaim(flipped(body, body.byteLength - 1), signature))).toBe('bad')
})

test('a key that is not the signer’s, none where one is needed, and a short signature are bad', async () => {
  const rsa = await createSigner('', 'RSA')
  const { wire } = await rsa.sign({})
  const { body, signature, key } = decodeClaim(wire)
  expect(key).toBeDefined()
  expect(await verdictOf(encodeSignedClaim(body, signature))).toBe('bad')
  const other = decodeClaim((await (await createSigner('', 'RSA')).sign({})).wire)
  expect(await verdictOf(encodeSignedClaim(body, signature, other.key))).toBe('bad')
  const short = decodeClaim((await ann.sign({})).wire)
  expect(await verdictOf(encodeSignedClaim(short.body, short.signature.subarray(1)))).toBe('bad')
})

test('a signer that is no peer is an invalid message', async () => {
  const { wire } = await ann.sign({ subject: Uint8Array.of(1, 2, 3) })
  expect(() => checker.verify(decodeClaim(wire), wire)).toThrow(
    expect.objectContaining({ name: 'InvalidMessageError' })
  )
})

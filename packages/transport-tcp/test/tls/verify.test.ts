import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { seededKey, seededPeerId, seededRandom } from '@p2pshare/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  MAX_CERTIFICATE_BYTES,
  MAX_EXTENSIONS,
  MAX_HOST_KEY_BYTES,
  MAX_SIGNATURE_BYTES
} from '../../src/tls/constants.ts'
import { der, derOid, Tag } from '../../src/tls/der.ts'
import { hostKeyMessage } from '../../src/tls/host-key.ts'
import { Oid } from '../../src/tls/oids.ts'
import { verifyCertificate } from '../../src/tls/verify.ts'
import { bentCertificate, DAY_MS, extension } from '../support/certificates.ts'
import type { Bent } from '../support/certificates.ts'

const now = Date.now()
const UNKNOWN = '1.3.6.1.4.1.99999.1'
let key: PrivateKey
let id: string

beforeAll(async () => {
  key = await seededKey(seededRandom('host'))
  id = peerIdFromPrivateKey(key).toString()
})

async function verifyBent(bent: Bent): Promise<string> {
  const { certificate } = await bentCertificate(key, bent)
  return (await verifyCertificate(certificate, { now })).toString()
}

async function expectRefused(bent: Bent, message: RegExp): Promise<void> {
  await expect(verifyBent(bent)).rejects.toMatchObject({
    name: 'InvalidCertificateError',
    message: expect.stringMatching(message) as string
  })
}

describe('verifyCertificate takes', () => {
  it('the extension wherever it stands among others', async () => {
    const other = extension(UNKNOWN, Uint8Array.of(1))
    expect(await verifyBent({ before: [other] })).toBe(id)
    expect(await verifyBent({ before: [other, other], after: [other] })).toBe(id)
  })

  it('the extension marked as critical', async () => {
    expect(await verifyBent({ critical: true })).toBe(id)
  })

  it('host keys of every type', async () => {
    const others = [await generateKeyPair('secp256k1'), await generateKeyPair('RSA', 2048)]
    for (const other of others) {
      const { certificate } = await bentCertificate(other)
      expect((await verifyCertificate(certificate, { now })).equals(peerIdFromPrivateKey(other))).toBe(true)
    }
  })

  it('an ECDSA host key in the form of the specification', async () => {
    const host = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const message = hostKeyMessage(keys.publicKey.export({ format: 'der', type: 'spki' }))
    const spki = host.publicKey.export({ format: 'der', type: 'spki' })
    const hostKey = Buffer.concat([Uint8Array.of(0x08, 3, 0x12, spki.byteLength), spki])
    expect(await verifyBent({ keys, hostKey, proof: sign('sha256', message, host.privateKey) })).toMatch(/^Qm/)
    await expectRefused({ keys, hostKey, proof: sign('sha256', Buffer.from('else'), host.privateKey) }, /did not sign/)
  })

  it('certificate keys on other curves, Ed25519 and RSA', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    expect(await verifyBent({ keys: p384, signatureOid: Oid.ecdsaWithSha384, hash: 'sha384' })).toBe(id)
    const ed25519 = generateKeyPairSync('ed25519')
    expect(await verifyBent({ keys: ed25519, signatureOid: Oid.ed25519, hash: null })).toBe(id)
  })

  it('an expected peer', async () => {
    const { certificate } = await bentCertificate(key)
    const expected = peerIdFromPrivateKey(key)
    expect((await verifyCertificate(certificate, { now, expected })).equals(expected)).toBe(true)
  })

  it('as many extensions as the bound, and not one more', async () => {
    const others = Array<Uint8Array>(MAX_EXTENSIONS - 1).fill(extension(UNKNOWN, Uint8Array.of(1)))
    expect(await verifyBent({ before: others })).toBe(id)
    await expectRefused({ before: [...others, ...others.slice(0, 1)] }, /more than 16 extensions/)
  })

  it('a certificate as large as the bound, and not one byte more', async () => {
    const sizeWith = async (bytes: number): Promise<Buffer> =>
      (await bentCertificate(key, { after: [extension(UNKNOWN, new Uint8Array(bytes))] })).certificate
    let filler = MAX_CERTIFICATE_BYTES - 600
    let certificate = await sizeWith(filler)
    // signatures differ by a byte or two in length
    while (certificate.byteLength !== MAX_CERTIFICATE_BYTES) {
      filler += MAX_CERTIFICATE_BYTES - certificate.byteLength
      certificate = await sizeWith(filler)
    }
    expect((await verifyCertificate(certificate, { now })).toString()).toBe(id)
    const larger = Buffer.alloc(MAX_CERTIFICATE_BYTES + 1)
    await expect(verifyCertificate(larger, { now })).rejects.toThrow(/too large/)
  })
})

describe('verifyCertificate refuses', () => {
  it('somebody else, by name', async () => {
    const { certificate } = await bentCertificate(key)
    const expected = await seededPeerId(seededRandom('else'))
    const refusal = { name: 'UnexpectedPeerError', code: 'ERR_UNEXPECTED_PEER', expected }
    await expect(verifyCertificate(certificate, { now, expected })).rejects.toMatchObject(refusal)
  })

  it('what is not valid yet, and what has expired', async () => {
    await expectRefused({ notBefore: now + DAY_MS, notAfter: now + 2 * DAY_MS }, /not valid yet/)
    await expectRefused({ notBefore: now - 2 * DAY_MS, notAfter: now - DAY_MS }, /expired/)
  })

  it('no extension of libp2p, or two', async () => {
    await expectRefused({ withoutExtension: true, after: [extension(UNKNOWN, Uint8Array.of(1))] }, /no libp2p key/)
    const copy = extension(Oid.libp2pKey, der(Tag.sequence, der(Tag.octetString), der(Tag.octetString)))
    await expectRefused({ after: [copy] }, /two libp2p key extensions/)
  })

  it('a critical extension that nobody knows', async () => {
    await expectRefused({ before: [extension(UNKNOWN, Uint8Array.of(1), true)] }, /critical extension/)
  })

  it('a signature by another key than its own', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    await expectRefused({ signedBy: privateKey }, /not signed by its own key/)
  })

  it('a host key that signed something else', async () => {
    await expectRefused({ proof: await key.sign(Buffer.from('something else')) }, /did not sign/)
  })

  it('a host key that is larger than any, a signature that is larger than any', async () => {
    await expectRefused({ hostKey: new Uint8Array(MAX_HOST_KEY_BYTES) }, /canonical form/)
    await expectRefused({ hostKey: new Uint8Array(MAX_HOST_KEY_BYTES + 1) }, /larger than any/)
    await expectRefused({ proof: new Uint8Array(MAX_SIGNATURE_BYTES) }, /did not sign|cannot be read/)
    await expectRefused({ proof: new Uint8Array(MAX_SIGNATURE_BYTES + 1) }, /larger than any/)
  })

  it('a host key in another form than the canonical one, or of no type', async () => {
    const data = Buffer.from(key.publicKey.raw)
    const forms = [
      [Uint8Array.of(0x12, 32), data, Uint8Array.of(0x08, 1)],
      [Uint8Array.of(0x08, 1, 0x12, 32), data, Uint8Array.of(0)],
      [Uint8Array.of(0x08, 1, 0x12, 0xa0, 0x00), data],
      []
    ]
    for (const form of forms) {
      await expectRefused({ hostKey: Buffer.concat(form) }, /canonical form/)
    }
    await expectRefused({ hostKey: Buffer.concat([Uint8Array.of(0x08, 4, 0x12, 32), data]) }, /unknown type/)
  })

  it('RSA keys that are too small, of hosts and of certificates', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const spki = small.publicKey.export({ format: 'der', type: 'spki' })
    const hostKey = Buffer.concat([
      Uint8Array.of(0x08, 0, 0x12, 0x80 | (spki.byteLength & 0x7f), spki.byteLength >> 7),
      spki
    ])
    await expectRefused({ hostKey, proof: new Uint8Array(128) }, /2048 to 8192 bits/)
    await expectRefused({ keys: small, signatureOid: Oid.sha256WithRsa }, /size that is not taken/)
  })

  it('an elliptic curve that is given by parameters, or is not one of the named ones', async () => {
    const explicit = generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' })
    await expectRefused({ keys: explicit }, /kind that is not taken/)
    await expectRefused({ keys: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) }, /kind that is not taken/)
  })

  it('a hash that is too short', async () => {
    const ecdsaWithSha1 = '1.2.840.10045.4.1'
    await expectRefused({ signatureOid: ecdsaWithSha1, hash: 'sha1' }, /kind that is not taken/)
  })

  it('a signature that does not fit the key', async () => {
    await expectRefused({ signatureOid: Oid.ed25519 }, /does not fit/)
  })

  it('two different signature algorithms, unique ids, and versions without extensions', async () => {
    await expectRefused({ innerAlgorithm: der(Tag.sequence, derOid(Oid.ecdsaWithSha512)) }, /two signature algorithms/)
    await expectRefused({ uniqueId: der(Tag.contextPrimitive(1), Uint8Array.of(0, 1)) }, /unique ids/)
    await expectRefused({ version: 1 }, /version 3/)
  })

  it('a key that cannot be read', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    spki[spki.byteLength - 1] = (spki.at(-1) ?? 0) ^ 1
    expect(() => createPublicKey({ key: spki, format: 'der', type: 'spki' })).toThrow()
    await expectRefused({ spki }, /cannot be read/)
  })
})

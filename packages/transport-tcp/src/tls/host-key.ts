import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromPublicKey } from '@libp2p/peer-id'
import type { HostKeyProof } from './certificate.ts'
import { MAX_RSA_BITS, MIN_RSA_BITS } from './constants.ts'
import { InvalidCertificateError } from './errors.ts'

/** The key types of libp2p's protobuf. */
const KeyType = { rsa: 0, ed25519: 1, secp256k1: 2, ecdsa: 3 } as const

/** Field 1 (varint) and field 2 (bytes) of libp2p's protobuf of a public key. */
const TYPE_FIELD = 0x08
const DATA_FIELD = 0x12

const SHA2_256 = 0x12
const EC_CURVES: ReadonlySet<unknown> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** What the host key signs begins with this, so that it can be taken for nothing else. */
const SIGNED_PREFIX = Buffer.from('libp2p-tls-handshake:')

interface EncodedKey {
  readonly type: number
  readonly data: Uint8Array
}

/** What a host signs with its key, for a certificate with this SubjectPublicKeyInfo. */
export function hostKeyMessage(publicKey: Uint8Array): Uint8Array {
  return Buffer.concat([SIGNED_PREFIX, publicKey])
}

/**
 * Whose host key signed `message`.
 *
 * @throws InvalidCertificateError when it is no key, or one of a kind or size that is not taken, or did not sign
 */
export async function verifyHostKey({ publicKey, signature }: HostKeyProof, message: Uint8Array): Promise<PeerId> {
  const { type, data } = decodeHostKey(publicKey)
  try {
    const peer =
      type === KeyType.ecdsa
        ? verifyEcdsa(publicKey, data, signature, message)
        : await verifyOther(type, publicKey, data, signature, message)
    if (peer !== undefined) {
      return peer
    }
  } catch (cause) {
    throw cause instanceof InvalidCertificateError
      ? cause
      : new InvalidCertificateError('the host key or its signature cannot be read', { cause })
  }
  throw new InvalidCertificateError('the host key did not sign the key of the certificate')
}

/** Whether an RSA key has a size that protects, and that can be checked without much work. */
export function fairRsaKey(key: KeyObject): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS
}

/** Whether it is a key on one of the named curves that TLS implementations of libp2p have in common. */
export function fairEcKey(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && EC_CURVES.has(key.asymmetricKeyDetails?.namedCurve)
}

async function verifyOther(
  type: number,
  encoded: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array
): Promise<PeerId | undefined> {
  if (type === KeyType.rsa && !fairRsaKey(spkiKey(data))) {
    throw new InvalidCertificateError(`an RSA host key must have ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`)
  }
  const key = publicKeyFromProtobuf(encoded)
  return (await key.verify(message, signature)) ? peerIdFromPublicKey(key) : undefined
}

/**
 * `@libp2p/crypto` reads ECDSA keys in a form of its own and knows no peer id for them, so a peer of another
 * implementation that has one would not be understood.
 */
function verifyEcdsa(
  encoded: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array
): PeerId | undefined {
  const key = spkiKey(data)
  if (!fairEcKey(key)) {
    throw new InvalidCertificateError('an ECDSA host key must be on a named curve of the NIST')
  }
  if (!verifySignature('sha256', message, key, signature)) {
    return undefined
  }
  const digest = createHash('sha256').update(encoded).digest()
  const bytes = Uint8Array.of(SHA2_256, digest.byteLength, ...digest)
  return peerIdFromMultihash({ code: SHA2_256, size: digest.byteLength, digest: bytes.subarray(2), bytes })
}

function spkiKey(data: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(data), format: 'der', type: 'spki' })
}

/**
 * Takes the one canonical form of the protobuf, which peer ids are hashes of: otherwise one key had many ids.
 */
function decodeHostKey(encoded: Uint8Array): EncodedKey {
  const [typeField, type = -1, dataField, low = 0, high = 0] = encoded
  const wide = low >= 0x80
  const length = wide ? (low & 0x7f) | (high << 7) : low
  const data = encoded.subarray(wide ? 5 : 4)
  const canonical = !wide || (high > 0 && high < 0x80)
  if (typeField !== TYPE_FIELD || dataField !== DATA_FIELD || !canonical || data.byteLength !== length) {
    throw new InvalidCertificateError('the host key is not in the canonical form')
  }
  if (type < KeyType.rsa || type > KeyType.ecdsa) {
    throw new InvalidCertificateError('the host key is of an unknown type')
  }
  return { type, data }
}

import { createPublicKey, verify as verifySignature } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'
import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { DerReader, derOid, Tag } from './der.ts'
import { InvalidCertificateError, UnexpectedPeerError } from './errors.ts'
import { fairEcKey, fairRsaKey, hostKeyMessage, verifyHostKey } from './host-key.ts'
import { Oid } from './oids.ts'

/** What `verifyCertificate` compares with. */
export interface VerifyOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Who the certificate must be of. Anybody's is taken without it. */
  readonly expected?: PeerId | undefined
}

interface Algorithm {
  readonly keyType: 'ec' | 'rsa' | 'ed25519'
  readonly hash: string | null
}

/**
 * The signature algorithms that are taken: no hash below 256 bits, as the specification asks. RSASSA-PSS is left out,
 * which no implementation makes certificates with.
 */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map(
  Object.entries({
    [Oid.ecdsaWithSha256]: { keyType: 'ec', hash: 'sha256' },
    [Oid.ecdsaWithSha384]: { keyType: 'ec', hash: 'sha384' },
    [Oid.ecdsaWithSha512]: { keyType: 'ec', hash: 'sha512' },
    [Oid.ed25519]: { keyType: 'ed25519', hash: null },
    [Oid.sha256WithRsa]: { keyType: 'rsa', hash: 'sha256' },
    [Oid.sha384WithRsa]: { keyType: 'rsa', hash: 'sha384' },
    [Oid.sha512WithRsa]: { keyType: 'rsa', hash: 'sha512' }
  } as const).map(([oid, algorithm]) => [hex(derOid(oid)), algorithm])
)

/** The key algorithms that are taken, with what must follow: a named curve, and never the parameters of one. */
const KEY_ALGORITHMS: ReadonlySet<string> = new Set([
  ...[Oid.prime256v1, Oid.secp384r1, Oid.secp521r1].map((curve) => hex(derOid(Oid.ecPublicKey), derOid(curve))),
  hex(derOid(Oid.ed25519)),
  hex(derOid(Oid.rsaEncryption), Uint8Array.of(0x05, 0x00))
])

/**
 * Who a certificate proves to be, by every rule of the libp2p TLS specification that a certificate alone can break.
 *
 * @throws InvalidCertificateError when it breaks one
 * @throws UnexpectedPeerError when it is valid, and of somebody else
 */
export async function verifyCertificate(bytes: Uint8Array, { now, expected }: VerifyOptions): Promise<PeerId> {
  const certificate = parseCertificate(bytes)
  if (now < certificate.notBefore) {
    throw new InvalidCertificateError('it is not valid yet')
  }
  if (now > certificate.notAfter) {
    throw new InvalidCertificateError('it has expired')
  }
  verifyOwnSignature(certificate)
  const peer = await verifyHostKey(certificate.hostKey, hostKeyMessage(certificate.publicKey))
  if (expected !== undefined && !expected.equals(peer)) {
    throw new UnexpectedPeerError(expected, peer)
  }
  return peer
}

function verifyOwnSignature({ tbs, signatureAlgorithm, signature, publicKey, publicKeyAlgorithm }: Certificate): void {
  const id = new DerReader(signatureAlgorithm).read(Tag.oid, 'signature algorithm').whole
  const algorithm = ALGORITHMS.get(hex(id))
  if (algorithm === undefined || !KEY_ALGORITHMS.has(hex(publicKeyAlgorithm))) {
    throw new InvalidCertificateError('its key or signature is of a kind that is not taken')
  }
  const key = readKey(publicKey)
  const fair = algorithm.keyType === 'ec' ? fairEcKey(key) : algorithm.keyType === 'rsa' ? fairRsaKey(key) : true
  if (key.asymmetricKeyType !== algorithm.keyType || !fair) {
    throw new InvalidCertificateError('its key does not fit its signature, or has a size that is not taken')
  }
  if (!verifySignature(algorithm.hash, tbs, key, signature)) {
    throw new InvalidCertificateError('it is not signed by its own key')
  }
}

function readKey(publicKey: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new InvalidCertificateError('its key cannot be read', { cause })
  }
}

function hex(...parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('hex')
}

import { generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { derTime } from './certificate-time.ts'
import { CERTIFICATE_BACKDATED_MS, CERTIFICATE_LIFETIME_MS } from './constants.ts'
import { der, derOid, Tag } from './der.ts'
import { Oid } from './oids.ts'
import { hostKeyMessage } from './host-key.ts'

/** A certificate with the key of its own that TLS signs with. */
export interface OwnCertificate {
  /** DER. */
  readonly certificate: Uint8Array
  /** PKCS#8 in PEM: of use only together with the certificate, and only for as long as that is valid. */
  readonly privateKey: string
  readonly notAfter: number
}

const SERIAL_NUMBER_BYTES = 8
const makeKeyPair = promisify(generateKeyPair)

/**
 * A self-signed certificate for the host key, with a new key on P-256: what go-libp2p, rust-libp2p and js-libp2p use, as
 * every TLS library has it.
 */
export async function generateCertificate(
  hostKey: PrivateKey,
  { now, signal }: AbortOptions & { readonly now: number }
): Promise<OwnCertificate> {
  const keys = await makeKeyPair('ec', { namedCurve: 'prime256v1' })
  const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' })
  const proof = await hostKey.sign(hostKeyMessage(publicKey), signal === undefined ? {} : { signal })
  const notBefore = now - CERTIFICATE_BACKDATED_MS
  const notAfter = now + CERTIFICATE_LIFETIME_MS
  const algorithm = der(Tag.sequence, derOid(Oid.ecdsaWithSha256))
  // a name must not be empty (RFC 5280); it means nothing, so it is random
  const name = derName(randomBytes(SERIAL_NUMBER_BYTES).toString('hex'))
  const tbs = der(
    Tag.sequence,
    der(Tag.context(0), der(Tag.integer, Uint8Array.of(2))),
    der(Tag.integer, serialNumber()),
    algorithm,
    name,
    der(Tag.sequence, derTime(notBefore), derTime(notAfter)),
    name,
    publicKey,
    der(Tag.context(3), der(Tag.sequence, hostKeyExtension(publicKeyToProtobuf(hostKey.publicKey), proof)))
  )
  const signature = sign('sha256', tbs, keys.privateKey)
  return {
    certificate: der(Tag.sequence, tbs, algorithm, der(Tag.bitString, Uint8Array.of(0), signature)),
    privateKey: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    notAfter
  }
}

/** A certificate as node:tls takes it. */
export function toPem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** Not marked as critical, as go-libp2p: a stack that does not know it may still look at the rest. */
function hostKeyExtension(hostKey: Uint8Array, proof: Uint8Array): Uint8Array {
  const signedKey = der(Tag.sequence, der(Tag.octetString, hostKey), der(Tag.octetString, proof))
  return der(Tag.sequence, derOid(Oid.libp2pKey), der(Tag.octetString, signedKey))
}

function derName(text: string): Uint8Array {
  const attribute = der(Tag.sequence, derOid(Oid.serialNumber), der(Tag.printableString, Buffer.from(text)))
  return der(Tag.sequence, der(Tag.set, attribute))
}

/** Positive and of full length, so that it has one encoding. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(SERIAL_NUMBER_BYTES)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

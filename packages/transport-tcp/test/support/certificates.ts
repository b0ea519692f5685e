import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { derTime } from '../../src/tls/certificate-time.ts'
import { der, derOid, Tag } from '../../src/tls/der.ts'
import { hostKeyMessage } from '../../src/tls/host-key.ts'
import { Oid } from '../../src/tls/oids.ts'

/** What a test may bend in a certificate. */
export interface Bent {
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  readonly signatureOid?: string
  readonly hash?: string | null
  readonly version?: number
  readonly notBefore?: number
  readonly notAfter?: number
  readonly hostKey?: Uint8Array
  readonly proof?: Uint8Array
  readonly signedBy?: KeyObject
  /** Before and after the extension of libp2p. */
  readonly before?: readonly Uint8Array[]
  readonly after?: readonly Uint8Array[]
  readonly withoutExtension?: boolean
  readonly critical?: boolean
  /** Between the public key and the extensions. */
  readonly uniqueId?: Uint8Array
  readonly innerAlgorithm?: Uint8Array
  readonly spki?: Uint8Array
}

export const DAY_MS = 24 * 60 * 60 * 1000

/** A certificate and the key of TLS that belongs to it. */
export interface Made {
  readonly certificate: Buffer
  readonly privateKey: KeyObject
}

/** A certificate of the host key that is right but for what was bent. */
export async function bentCertificate(hostKey: PrivateKey, bent: Bent = {}): Promise<Made> {
  const keys = bent.keys ?? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = bent.spki ?? keys.publicKey.export({ format: 'der', type: 'spki' })
  const proof = bent.proof ?? (await hostKey.sign(hostKeyMessage(spki)))
  const algorithm = der(Tag.sequence, derOid(bent.signatureOid ?? Oid.ecdsaWithSha256))
  const name = der(Tag.sequence)
  const now = Date.now()
  const ours = extension(
    Oid.libp2pKey,
    der(
      Tag.sequence,
      der(Tag.octetString, bent.hostKey ?? publicKeyToProtobuf(hostKey.publicKey)),
      der(Tag.octetString, proof)
    ),
    bent.critical ?? false
  )
  const extensions = [...(bent.before ?? []), ...(bent.withoutExtension === true ? [] : [ours]), ...(bent.after ?? [])]
  const tbs = der(
    Tag.sequence,
    der(Tag.context(0), der(Tag.integer, Uint8Array.of(bent.version ?? 2))),
    der(Tag.integer, Uint8Array.of(7)),
    bent.innerAlgorithm ?? algorithm,
    name,
    der(Tag.sequence, derTime(bent.notBefore ?? now - DAY_MS), derTime(bent.notAfter ?? now + DAY_MS)),
    name,
    spki,
    bent.uniqueId ?? new Uint8Array(0),
    der(Tag.context(3), der(Tag.sequence, ...extensions))
  )
  const signature = sign(bent.hash === undefined ? 'sha256' : bent.hash, tbs, bent.signedBy ?? keys.privateKey)
  const certificate = der(Tag.sequence, tbs, algorithm, der(Tag.bitString, Uint8Array.of(0), signature))
  return { certificate, privateKey: keys.privateKey }
}

/** An extension of a certificate. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? der(Tag.boolean, Uint8Array.of(0xff)) : new Uint8Array(0)
  return der(Tag.sequence, derOid(oid), flag, der(Tag.octetString, value))
}

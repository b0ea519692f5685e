import { Buffer } from 'node:buffer'
import { MAX_CERTIFICATE_BYTES, MAX_EXTENSIONS, MAX_HOST_KEY_BYTES, MAX_SIGNATURE_BYTES } from './constants.ts'
import { DerReader, derOid, Tag, wholeBits } from './der.ts'
import type { DerElement } from './der.ts'
import { InvalidCertificateError } from './errors.ts'
import { Oid } from './oids.ts'
import { parseTime } from './certificate-time.ts'

/** What verification needs of a certificate: views into its bytes. Nothing of it is trusted yet. */
export interface Certificate {
  /** The part that is signed. */
  readonly tbs: Uint8Array
  /** The AlgorithmIdentifier of the signature, its inside. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  /** The whole SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** The AlgorithmIdentifier of the public key, its inside. */
  readonly publicKeyAlgorithm: Uint8Array
  readonly hostKey: HostKeyProof
}

/** What the libp2p Public Key Extension holds. */
export interface HostKeyProof {
  /** The host's public key as libp2p's protobuf. */
  readonly publicKey: Uint8Array
  /** By the host's key over the certificate's public key. */
  readonly signature: Uint8Array
}

const VERSION_3 = 2
const LIBP2P_KEY = derOid(Oid.libp2pKey)

/**
 * Reads a certificate by the rules of the libp2p TLS specification, whose extension may stand anywhere among the others.
 *
 * A reader of our own, and not `@peculiar/x509`: that library and its polyfill take 117 ms to load where all else that TLS
 * needs is there already, check the signature by WebCrypto, and take BER. OpenSSL, which has parsed these very bytes
 * before we see them, does the cryptography; here only the fields that node:crypto does not show are read.
 *
 * @throws InvalidCertificateError
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.byteLength > MAX_CERTIFICATE_BYTES) {
    throw new InvalidCertificateError(`a certificate of ${bytes.byteLength} bytes is too large`)
  }
  const input = new DerReader(bytes)
  const outer = input.enter(Tag.sequence, 'certificate')
  input.end('certificate')
  const tbs = outer.read(Tag.sequence, 'signed part')
  const signatureAlgorithm = outer.read(Tag.sequence, 'signature algorithm')
  const signature = wholeBits(outer.read(Tag.bitString, 'signature'), 'signature')
  outer.end('certificate')
  return {
    tbs: tbs.whole,
    signatureAlgorithm: signatureAlgorithm.value,
    signature,
    ...parseSigned(tbs, signatureAlgorithm)
  }
}

function parseSigned(
  tbs: DerElement,
  signatureAlgorithm: DerElement
): Omit<Certificate, 'tbs' | 'signatureAlgorithm' | 'signature'> {
  const reader = new DerReader(tbs.value)
  const version = reader.enter(Tag.context(0), 'version').read(Tag.integer, 'version').value
  if (version.byteLength !== 1 || version[0] !== VERSION_3) {
    throw new InvalidCertificateError('only version 3 has extensions')
  }
  reader.read(Tag.integer, 'serial number')
  if (!same(reader.read(Tag.sequence, 'signature algorithm').whole, signatureAlgorithm.whole)) {
    throw new InvalidCertificateError('it names two signature algorithms')
  }
  reader.read(Tag.sequence, 'issuer')
  const validity = reader.enter(Tag.sequence, 'validity')
  const notBefore = parseTime(validity)
  const notAfter = parseTime(validity)
  validity.end('validity')
  reader.read(Tag.sequence, 'subject')
  const publicKey = reader.read(Tag.sequence, 'public key')
  const publicKeyAlgorithm = new DerReader(publicKey.value).read(Tag.sequence, 'public key algorithm').value
  if (reader.peek() === Tag.contextPrimitive(1) || reader.peek() === Tag.contextPrimitive(2)) {
    throw new InvalidCertificateError('the specification rules out unique ids of issuer and subject')
  }
  const hostKey = parseExtensions(reader)
  reader.end('signed part')
  return { notBefore, notAfter, publicKey: publicKey.whole, publicKeyAlgorithm, hostKey }
}

function parseExtensions(tbs: DerReader): HostKeyProof {
  const wrapper = tbs.enter(Tag.context(3), 'extensions')
  const extensions = wrapper.enter(Tag.sequence, 'extensions')
  wrapper.end('extensions')
  let found: HostKeyProof | undefined
  for (let count = 0; !extensions.atEnd; count++) {
    if (count === MAX_EXTENSIONS) {
      throw new InvalidCertificateError(`more than ${MAX_EXTENSIONS} extensions`)
    }
    const extension = extensions.enter(Tag.sequence, 'extension')
    const id = extension.read(Tag.oid, 'extension').whole
    const critical = extension.peek() === Tag.boolean && isTrue(extension.read(Tag.boolean, 'extension'))
    const value = extension.read(Tag.octetString, 'extension').value
    extension.end('extension')
    if (!same(id, LIBP2P_KEY)) {
      if (critical) {
        throw new InvalidCertificateError('a critical extension that libp2p does not know')
      }
    } else if (found !== undefined) {
      throw new InvalidCertificateError('two libp2p key extensions')
    } else {
      found = parseHostKey(value)
    }
  }
  if (found === undefined) {
    throw new InvalidCertificateError('no libp2p key extension')
  }
  return found
}

function parseHostKey(value: Uint8Array): HostKeyProof {
  const input = new DerReader(value)
  const signedKey = input.enter(Tag.sequence, 'host key')
  input.end('host key')
  const publicKey = signedKey.read(Tag.octetString, 'host key').value
  const signature = signedKey.read(Tag.octetString, 'signature by the host key').value
  signedKey.end('host key')
  if (publicKey.byteLength > MAX_HOST_KEY_BYTES || signature.byteLength > MAX_SIGNATURE_BYTES) {
    throw new InvalidCertificateError('the host key or its signature is larger than any key makes it')
  }
  return { publicKey, signature }
}

function isTrue({ value }: DerElement): boolean {
  return value.byteLength !== 1 || value[0] !== 0
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

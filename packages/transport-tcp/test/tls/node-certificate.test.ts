import { X509Certificate } from 'node:crypto'
import { verifyPeerCertificate } from '@libp2p/tls/utils'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { seededKey, seededRandom } from '@p2pshare/testkit'
import { describe, expect, it } from 'vitest'
import { CERTIFICATE_LIFETIME_MS, CERTIFICATE_RENEW_BEFORE_MS } from '../../src/tls/constants.ts'
import { generateCertificate, toPem } from '../../src/tls/generate.ts'
import { NodeCertificate, nodeCertificate } from '../../src/tls/node-certificate.ts'
import { verifyCertificate } from '../../src/tls/verify.ts'

const key = await seededKey(seededRandom('node'))
const now = Date.now()

describe('the certificate of a node', () => {
  it('verifies here, in OpenSSL and in stock @libp2p/tls', async () => {
    const { certificate } = await generateCertificate(key, { now })
    const id = peerIdFromPrivateKey(key)
    expect((await verifyCertificate(certificate, { now })).equals(id)).toBe(true)
    const x509 = new X509Certificate(toPem(certificate))
    expect(x509.verify(x509.publicKey)).toBe(true)
    expect(x509.checkIssued(x509)).toBe(true)
    expect((await verifyPeerCertificate(certificate)).equals(id)).toBe(true)
  })

  it('is made once for all who ask, even at the same time', async () => {
    const node = new NodeCertificate(key, () => now)
    const [first, second] = await Promise.all([node.context(), node.context()])
    expect(second).toBe(first)
    expect(await node.context()).toBe(first)
  })

  it('is made anew when half of its life is over', async () => {
    let time = now
    const node = new NodeCertificate(key, () => time)
    const first = await node.context()
    time = now + CERTIFICATE_LIFETIME_MS - CERTIFICATE_RENEW_BEFORE_MS - 1
    expect(await node.context()).toBe(first)
    time += 1
    expect(await node.context()).not.toBe(first)
  })

  it('is tried again when it could not be made', async () => {
    let failures = 1
    const reluctant = {
      ...key,
      publicKey: key.publicKey,
      sign: (data: Uint8Array) => {
        if (failures-- > 0) {
          throw new TypeError('not now')
        }
        return key.sign(data)
      }
    }
    const node = new NodeCertificate(reluctant, () => now)
    await expect(node.context()).rejects.toThrow('not now')
    expect(await node.context()).toBeDefined()
  })

  it('is the same one for all that know the key', () => {
    expect(nodeCertificate(key)).toBe(nodeCertificate(key))
  })

  it('has a new serial number and key each time', async () => {
    const [first, second] = await Promise.all([generateCertificate(key, { now }), generateCertificate(key, { now })])
    const [a, b] = [new X509Certificate(first.certificate), new X509Certificate(second.certificate)]
    expect(a.serialNumber).not.toBe(b.serialNumber)
    expect(a.publicKey.equals(b.publicKey)).toBe(false)
  })
})

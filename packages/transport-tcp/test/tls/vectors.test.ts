import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { verifyCertificate } from '../../src/tls/verify.ts'

interface Vectors {
  readonly vectors: ReadonlyArray<{ readonly name: string; readonly certificate: string; readonly peerId?: string }>
}

const { vectors } = JSON.parse(
  await readFile(new URL('../fixtures/tls-certificates.json', import.meta.url), 'utf8')
) as Vectors

describe('the test vectors of the libp2p TLS specification', () => {
  it('are all four here', () => {
    expect(vectors.map(({ peerId }) => peerId !== undefined)).toEqual([true, true, true, false])
  })

  for (const { name, certificate, peerId } of vectors) {
    it(`give what the specification says: ${name}`, async () => {
      const verified = verifyCertificate(Buffer.from(certificate, 'hex'), { now: Date.UTC(2026, 0) })
      if (peerId === undefined) {
        await expect(verified).rejects.toMatchObject({
          name: 'InvalidCertificateError',
          code: 'ERR_INVALID_CERTIFICATE'
        })
      } else {
        expect((await verified).toString()).toBe(peerId)
      }
    })
  }
})

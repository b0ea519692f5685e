import fc from 'fast-check'
import { seededKey, seededRandom } from '@p2pshare/testkit'
import { describe, expect, it } from 'vitest'
import { InvalidCertificateError } from '../../src/tls/errors.ts'
import { generateCertificate } from '../../src/tls/generate.ts'
import { verifyCertificate } from '../../src/tls/verify.ts'

const now = Date.UTC(2026, 5)
const { certificate } = await generateCertificate(await seededKey(seededRandom('mutants')), { now })

async function expectRefused(bytes: Uint8Array): Promise<void> {
  await expect(verifyCertificate(bytes, { now })).rejects.toBeInstanceOf(InvalidCertificateError)
}

describe('a certificate that was changed', () => {
  it('is refused at each length it can be cut to', async () => {
    for (let length = 0; length < certificate.byteLength; length++) {
      await expectRefused(certificate.subarray(0, length))
    }
  })

  it('is refused for every byte that differs', async () => {
    for (let at = 0; at < certificate.byteLength; at++) {
      const mutant = Uint8Array.from(certificate)
      mutant[at] = (mutant[at] ?? 0) ^ 0x01
      await expectRefused(mutant)
    }
  })

  it('is refused with any bytes in the place of others, more, or fewer', async () => {
    const change = fc.record({
      at: fc.nat(certificate.byteLength),
      remove: fc.nat(8),
      insert: fc.uint8Array({ maxLength: 8 })
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let mutant = Buffer.from(certificate)
        for (const { at, remove, insert } of changes) {
          mutant = Buffer.concat([mutant.subarray(0, at), insert, mutant.subarray(at + remove)])
        }
        fc.pre(!mutant.equals(certificate))
        await expectRefused(mutant)
      }),
      { numRuns: 500, seed: 1 }
    )
  })

  it('is never mistaken for one when it is noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (noise) => {
        await expectRefused(noise)
        await expectRefused(Buffer.concat([certificate.subarray(0, 4), noise]))
      }),
      { numRuns: 500, seed: 2 }
    )
  })
})

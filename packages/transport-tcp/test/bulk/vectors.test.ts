import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { BULK_ALPN, GREETING_BYTES, READY } from '../../src/bulk/constants.ts'

it('the numbers of the bulk handshake are those of SPEC.md', async () => {
  const text = await readFile(new URL('../fixtures/bulk-handshake.json', import.meta.url), 'utf8')
  const alpn = Buffer.from(BULK_ALPN)
  expect(JSON.parse(text)).toMatchObject({
    alpn: Buffer.from([alpn.byteLength, ...alpn]).toString('hex'),
    tokenBytes: GREETING_BYTES,
    ready: Buffer.of(READY).toString('hex')
  })
})

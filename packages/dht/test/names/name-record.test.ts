import { readFileSync } from 'node:fs'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { describe, expect, test } from 'vitest'
import {
  MAX_NAME_RECORD_BYTES,
  MAX_NAME_VALUE_BYTES,
  NAME_CLOCK_SLACK_MS,
  NAME_LIFETIME_MS
} from '../../src/names/constants.ts'
import { keyToName, nameOfKey, nameToKey, nameToText, parseName } from '../../src/names/name.ts'
import { openNameRecord, signNameRecord, supersedes } from '../../src/names/name-record.ts'
import type { NameRecord } from '../../src/names/name-record.ts'
import { IpnsEntry } from '../../src/names/wire/messages.ts'

const vectors = JSON.parse(readFileSync(new URL('../fixtures/ipns-records.json', import.meta.url), 'utf8')) as Vectors

/** Records and a name as the `ipns` package writes them, in hex. */
interface Vectors {
  readonly name: string
  readonly key: string
  readonly value: string
  readonly sequence: string
  readonly validUntil: string
  readonly lean: string
  readonly both: string
}

/** The key that the vectors were signed with, by the `ipns` package 10.1.6 on 2026-11-23. */
const KEY = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))
const NAME = peerIdFromPrivateKey(KEY)
const NOW = Date.parse('2026-11-24T00:00:00Z')
const FIELDS = { value: vectors.value, sequence: 42n, validUntil: NOW + NAME_LIFETIME_MS, ttlMs: 300_000 }
const bytesOf = (hex: string): Uint8Array => fromString(hex, 'base16')
const refused = { code: 'ERR_INVALID_NAME_RECORD' }

describe('as IPFS has it', () => {
  test.each([
    ['lean', vectors.lean],
    ['with the fields of old programs', vectors.both]
  ])('a record is read: %s', async (_, hex) => {
    expect(await openNameRecord(NAME, bytesOf(hex), NOW)).toMatchObject({
      value: vectors.value,
      sequence: BigInt(vectors.sequence),
      validUntil: Date.parse(vectors.validUntil),
      ttlMs: 300_000
    })
  })

  test('a record of ours is the lean one, byte for byte but for the nanoseconds of its expiry', async () => {
    const { bytes } = await signNameRecord(KEY, { ...FIELDS, validUntil: Date.parse(vectors.validUntil) })
    const data = (entry: Uint8Array): string => toString(IpnsEntry.decode(entry).data ?? new Uint8Array(), 'base16')
    const nanoseconds = toString(new TextEncoder().encode('123456789Z'), 'base16')
    const milliseconds = toString(new TextEncoder().encode('123000000Z'), 'base16')
    expect(data(bytes)).toBe(data(bytesOf(vectors.lean)).replace(nanoseconds, milliseconds))
  })

  test('names and keys are written the same', () => {
    expect(nameToText(NAME)).toBe(vectors.name)
    expect(toString(nameToKey(NAME), 'base16')).toBe(vectors.key)
    expect(keyToName(bytesOf(vectors.key)).equals(NAME)).toBe(true)
  })
})

describe('names', () => {
  test.each([vectors.name, `/ipns/${vectors.name}`, `ipns://${vectors.name}`, NAME.toString()])('%s is one', (text) => {
    expect(parseName(text).equals(NAME)).toBe(true)
  })

  test.each(['', 'k51', 'example.org', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', '/ipfs/x', '12D3Koo'])(
    '%j is none',
    (text) => {
      expect(() => parseName(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }))
    }
  )

  test('only keys that are in the name itself sign for one', async () => {
    expect(() => nameOfKey(KEY)).not.toThrow()
    const other = await generateKeyPair('secp256k1')
    expect(() => nameOfKey(other)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }))
  })
})

describe('what is not believed', () => {
  test('a record of another key, one without a signature, and one that says more than is signed', async () => {
    const other = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(8)))
    const { bytes } = await signNameRecord(KEY, FIELDS)
    const entry = IpnsEntry.decode(bytes)
    await expect(openNameRecord(other, bytes, NOW)).rejects.toMatchObject(refused)
    const { data } = entry
    const unsigned = data === undefined ? new Uint8Array() : IpnsEntry.encode({ data })
    await expect(openNameRecord(NAME, unsigned, NOW)).rejects.toMatchObject(refused)
    for (const more of [
      { sequence: 43n },
      { ttl: 1n },
      { validityType: 1 },
      { value: new Uint8Array(1) },
      { validity: new Uint8Array(1) },
      { pubKey: new Uint8Array(36) }
    ]) {
      await expect(openNameRecord(NAME, IpnsEntry.encode({ ...entry, ...more }), NOW)).rejects.toMatchObject(refused)
    }
  })

  test('one that has expired, or that would live for too long', async () => {
    const open = async (validUntil: number): Promise<NameRecord> =>
      openNameRecord(NAME, (await signNameRecord(KEY, { ...FIELDS, validUntil })).bytes, NOW)
    await expect(open(NOW)).rejects.toMatchObject(refused)
    await expect(open(NOW + 1)).resolves.toBeDefined()
    await expect(open(NOW + NAME_LIFETIME_MS + NAME_CLOCK_SLACK_MS)).resolves.toBeDefined()
    await expect(open(NOW + NAME_LIFETIME_MS + NAME_CLOCK_SLACK_MS + 1)).rejects.toMatchObject(refused)
  })

  test('one over MAX_NAME_RECORD_BYTES, or with a value over MAX_NAME_VALUE_BYTES', async () => {
    const value = `/ipfs/${'a'.repeat(MAX_NAME_VALUE_BYTES - 6)}`
    const full = await signNameRecord(KEY, { ...FIELDS, value })
    await expect(openNameRecord(NAME, full.bytes, NOW)).resolves.toMatchObject({ value })
    const over = await signNameRecord(KEY, { ...FIELDS, value: `${value}a` })
    await expect(openNameRecord(NAME, over.bytes, NOW)).rejects.toMatchObject(refused)
    const entry = IpnsEntry.decode(full.bytes)
    const padded = (bytes: number): Uint8Array => IpnsEntry.encode({ ...entry, signatureV1: new Uint8Array(bytes) })
    const overhead = padded(8_192).byteLength - 8_192
    const most = padded(MAX_NAME_RECORD_BYTES - overhead)
    expect(most.byteLength).toBe(MAX_NAME_RECORD_BYTES)
    await expect(openNameRecord(NAME, most, NOW)).resolves.toBeDefined()
    await expect(openNameRecord(NAME, padded(MAX_NAME_RECORD_BYTES - overhead + 1), NOW)).rejects.toMatchObject(refused)
  })
})

test('what is passed on is only what is signed', async () => {
  const { bytes } = await signNameRecord(KEY, FIELDS)
  const padded = IpnsEntry.encode({ ...IpnsEntry.decode(bytes), signatureV1: new Uint8Array(100) })
  expect((await openNameRecord(NAME, padded, NOW)).bytes).toEqual(bytes)
})

test('the higher sequence counts, then the longer validity', () => {
  const record = (sequence: bigint, validUntil: number): NameRecord => ({
    ...FIELDS,
    sequence,
    validUntil,
    bytes: new Uint8Array()
  })
  expect(supersedes(record(2n, 1), record(1n, 9))).toBe(true)
  expect(supersedes(record(1n, 9), record(2n, 1))).toBe(false)
  expect(supersedes(record(1n, 2), record(1n, 1))).toBe(true)
  expect(supersedes(record(1n, 1), record(1n, 1))).toBe(false)
})

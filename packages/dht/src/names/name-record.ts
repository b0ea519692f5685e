import { decode, encode } from '@ipld/dag-cbor'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { MAX_NAME_RECORD_BYTES, MAX_NAME_VALUE_BYTES, NAME_CLOCK_SLACK_MS, NAME_LIFETIME_MS } from './constants.ts'
import { InvalidNameRecordError } from './errors.ts'
import { IpnsEntry } from './wire/messages.ts'

/** What a name stands for, said by the owner of its key. */
export interface NameRecord {
  /** A path: `/ipfs/<cid>` and maybe more. */
  readonly value: string
  /** Grows by one with each new value. */
  readonly sequence: bigint
  /** Milliseconds since the Unix epoch. */
  readonly validUntil: number
  /** How long it may be answered from memory. */
  readonly ttlMs: number
  /** The record as it is passed on: nothing but what is signed, and the signature. */
  readonly bytes: Uint8Array
}

/** What is signed. */
type Fields = Pick<NameRecord, 'value' | 'sequence' | 'validUntil' | 'ttlMs'>

/** The DAG-CBOR map that is signed; integers beyond 2^53 are bigints. */
interface SignedData {
  readonly Value: Uint8Array
  readonly Validity: Uint8Array
  readonly ValidityType: number
  readonly Sequence: number | bigint
  readonly TTL: number | bigint
}

const SIGNATURE_PREFIX = new TextEncoder().encode('ipns-signature:')

/** It is valid until its end; the specification has no other kind. */
const VALIDITY_EOL = 0

/** What a sequence number of the specification can be. */
const MAX_UINT64 = 2n ** 64n - 1n

/** Sign a record. */
export async function signNameRecord(key: PrivateKey, fields: Fields): Promise<NameRecord> {
  const data = encode({
    Value: toBytes(fields.value),
    Validity: toBytes(toTimestamp(fields.validUntil)),
    ValidityType: VALIDITY_EOL,
    Sequence: fields.sequence,
    TTL: BigInt(fields.ttlMs) * 1_000_000n
  })
  const signatureV2 = Uint8Array.from(await key.sign(concat([SIGNATURE_PREFIX, data])))
  return { ...fields, bytes: IpnsEntry.encode({ signatureV2, data: Uint8Array.from(data) }) }
}

/**
 * Read a record that somebody passed on, and check it: the signature, the expiry, and that nothing in it contradicts what
 * is signed. What comes out is rebuilt from what is signed, so nothing else is passed on. `now`: `any time` for records of our own disk, of which the
 * sequence counts.
 *
 * @throws InvalidNameRecordError
 */
export async function openNameRecord(name: PeerId, bytes: Uint8Array, now: number | 'any time'): Promise<NameRecord> {
  if (bytes.byteLength > MAX_NAME_RECORD_BYTES) {
    throw new InvalidNameRecordError(`${bytes.byteLength} bytes, at most ${MAX_NAME_RECORD_BYTES}`)
  }
  const entry = attempt('it does not decode', () => IpnsEntry.decode(bytes))
  const { data, signatureV2, pubKey } = entry
  const key = name.publicKey
  if (data === undefined || signatureV2 === undefined || key === undefined) {
    throw new InvalidNameRecordError('it is not signed')
  }
  const signed = concat([SIGNATURE_PREFIX, data])
  const isSigned = await Promise.resolve(key.verify(signed, signatureV2)).catch(() => false)
  if (!isSigned) {
    throw new InvalidNameRecordError('the signature is not that of the name')
  }
  const cbor = attempt('its data is no DAG-CBOR', () => checkData(decode(data)))
  if (contradicts(entry, cbor) || (pubKey !== undefined && !carries(name, pubKey))) {
    throw new InvalidNameRecordError('it contradicts what is signed')
  }
  const fields = toFields(cbor)
  if (now !== 'any time') {
    checkTime(fields.validUntil, now)
  }
  return { ...fields, bytes: IpnsEntry.encode({ signatureV2, data }) }
}

/** Whether one record takes the place of another of the same name: newer, or the same for longer. Pure. */
export function supersedes(record: NameRecord, other: NameRecord): boolean {
  return record.sequence === other.sequence ? record.validUntil > other.validUntil : record.sequence > other.sequence
}

function checkTime(validUntil: number, now: number): void {
  if (validUntil <= now) {
    throw new InvalidNameRecordError('it has expired')
  }
  if (validUntil > now + NAME_LIFETIME_MS + NAME_CLOCK_SLACK_MS) {
    throw new InvalidNameRecordError('it would be valid for too long')
  }
}

function checkData(data: unknown): SignedData {
  const { Value, Validity, ValidityType, Sequence, TTL } = data as Partial<SignedData>
  const isWhole = Value instanceof Uint8Array && Validity instanceof Uint8Array && isUint64(Sequence) && isUint64(TTL)
  if (!isWhole || ValidityType !== VALIDITY_EOL || Value.byteLength > MAX_NAME_VALUE_BYTES) {
    throw new InvalidNameRecordError('its data is not that of a record')
  }
  return { Value, Validity, ValidityType, Sequence, TTL }
}

function isUint64(value: unknown): value is number | bigint {
  return typeof value === 'bigint'
    ? value >= 0n && value <= MAX_UINT64
    : Number.isSafeInteger(value) && Number(value) >= 0
}

/** Fields of old programs may repeat what is signed, and say nothing else. */
function contradicts(entry: IpnsEntry, signed: SignedData): boolean {
  const { value, validity, validityType, sequence, ttl } = entry
  return (
    (value !== undefined && !equals(value, signed.Value)) ||
    (validity !== undefined && !equals(validity, signed.Validity)) ||
    (validityType !== undefined && validityType !== signed.ValidityType) ||
    (sequence !== undefined && sequence !== BigInt(signed.Sequence)) ||
    (ttl !== undefined && ttl !== BigInt(signed.TTL))
  )
}

/** The key in a record is the one in its name: a protobuf, of which an Ed25519 name is the multihash. */
function carries(name: PeerId, pubKey: Uint8Array): boolean {
  return equals(name.toMultihash().digest, pubKey)
}

function toFields({ Value, Validity, Sequence, TTL }: SignedData): Fields {
  return {
    value: attempt('its value is no text', () => new TextDecoder('utf-8', { fatal: true }).decode(Value)),
    sequence: BigInt(Sequence),
    validUntil: fromTimestamp(new TextDecoder().decode(Validity)),
    ttlMs: Number(BigInt(TTL) / 1_000_000n)
  }
}

/** RFC 3339 with nanoseconds, as the specification says. */
function toTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/u, '000000Z')
}

function fromTimestamp(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/u.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(ms)) {
    throw new InvalidNameRecordError('its expiry is no time')
  }
  return ms
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function attempt<T>(why: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw cause instanceof InvalidNameRecordError ? cause : new InvalidNameRecordError(why, { cause })
  }
}

// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface IpnsEntry {
  value?: Uint8Array<ArrayBuffer>
  signatureV1?: Uint8Array<ArrayBuffer>
  validityType?: number
  validity?: Uint8Array<ArrayBuffer>
  sequence?: bigint
  ttl?: bigint
  pubKey?: Uint8Array<ArrayBuffer>
  signatureV2?: Uint8Array<ArrayBuffer>
  data?: Uint8Array<ArrayBuffer>
}

export namespace IpnsEntry {
  let _codec: Codec<IpnsEntry>

  export const codec = (): Codec<IpnsEntry> => {
    if (_codec == null) {
      _codec = message<IpnsEntry>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.value != null) {
            w.uint32(10)
            w.bytes(obj.value)
          }

          if (obj.signatureV1 != null) {
            w.uint32(18)
            w.bytes(obj.signatureV1)
          }

          if (obj.validityType != null) {
            w.uint32(24)
            w.uint32(obj.validityType)
          }

          if (obj.validity != null) {
            w.uint32(34)
            w.bytes(obj.validity)
          }

          if (obj.sequence != null) {
            w.uint32(40)
            w.uint64(obj.sequence)
          }

          if (obj.ttl != null) {
            w.uint32(48)
            w.uint64(obj.ttl)
          }

          if (obj.pubKey != null) {
            w.uint32(58)
            w.bytes(obj.pubKey)
          }

          if (obj.signatureV2 != null) {
            w.uint32(66)
            w.bytes(obj.signatureV2)
          }

          if (obj.data != null) {
            w.uint32(74)
            w.bytes(obj.data)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {}

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "value" came twice')
                }
                seen |= 0x2

                obj.value = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "signatureV1" came twice')
                }
                seen |= 0x4

                obj.signatureV1 = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "validityType" came twice')
                }
                seen |= 0x8

                obj.validityType = reader.uint32()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "validity" came twice')
                }
                seen |= 0x10

                obj.validity = reader.bytes()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "sequence" came twice')
                }
                seen |= 0x20

                obj.sequence = reader.uint64()
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "ttl" came twice')
                }
                seen |= 0x40

                obj.ttl = reader.uint64()
                break
              }
              case 7: {
                if ((seen & 0x80) !== 0) {
                  throw new RangeError('Decode error - field "pubKey" came twice')
                }
                seen |= 0x80

                obj.pubKey = reader.bytes()
                break
              }
              case 8: {
                if ((seen & 0x100) !== 0) {
                  throw new RangeError('Decode error - field "signatureV2" came twice')
                }
                seen |= 0x100

                obj.signatureV2 = reader.bytes()
                break
              }
              case 9: {
                if ((seen & 0x200) !== 0) {
                  throw new RangeError('Decode error - field "data" came twice')
                }
                seen |= 0x200

                obj.data = reader.bytes()
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }

          return obj
        },
        function* (reader, length, prefix, opts = {}) {
          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.value`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.signatureV1`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.validityType`,
                  value: reader.uint32()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.validity`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.sequence`,
                  value: reader.uint64()
                }
                break
              }
              case 6: {
                yield {
                  field: `${prefix}.ttl`,
                  value: reader.uint64()
                }
                break
              }
              case 7: {
                yield {
                  field: `${prefix}.pubKey`,
                  value: reader.bytes()
                }
                break
              }
              case 8: {
                yield {
                  field: `${prefix}.signatureV2`,
                  value: reader.bytes()
                }
                break
              }
              case 9: {
                yield {
                  field: `${prefix}.data`,
                  value: reader.bytes()
                }
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }
        }
      )
    }

    return _codec
  }

  export interface IpnsEntryValueFieldEvent {
    field: '$.value'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IpnsEntrySignatureV1FieldEvent {
    field: '$.signatureV1'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IpnsEntryValidityTypeFieldEvent {
    field: '$.validityType'
    value: number
  }

  export interface IpnsEntryValidityFieldEvent {
    field: '$.validity'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IpnsEntrySequenceFieldEvent {
    field: '$.sequence'
    value: bigint
  }

  export interface IpnsEntryTtlFieldEvent {
    field: '$.ttl'
    value: bigint
  }

  export interface IpnsEntryPubKeyFieldEvent {
    field: '$.pubKey'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IpnsEntrySignatureV2FieldEvent {
    field: '$.signatureV2'
    value: Uint8Array<ArrayBuffer>
  }

  export interface IpnsEntryDataFieldEvent {
    field: '$.data'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<IpnsEntry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, IpnsEntry.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<IpnsEntry>): IpnsEntry {
    return decodeMessage(buf, IpnsEntry.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<IpnsEntry>
  ): Generator<
    | IpnsEntryValueFieldEvent
    | IpnsEntrySignatureV1FieldEvent
    | IpnsEntryValidityTypeFieldEvent
    | IpnsEntryValidityFieldEvent
    | IpnsEntrySequenceFieldEvent
    | IpnsEntryTtlFieldEvent
    | IpnsEntryPubKeyFieldEvent
    | IpnsEntrySignatureV2FieldEvent
    | IpnsEntryDataFieldEvent
  > {
    return streamMessage(buf, IpnsEntry.codec(), opts)
  }
}

export interface ValueRecord {
  key?: Uint8Array<ArrayBuffer>
  value?: Uint8Array<ArrayBuffer>
  timeReceived?: string
}

export namespace ValueRecord {
  let _codec: Codec<ValueRecord>

  export const codec = (): Codec<ValueRecord> => {
    if (_codec == null) {
      _codec = message<ValueRecord>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.key != null) {
            w.uint32(10)
            w.bytes(obj.key)
          }

          if (obj.value != null) {
            w.uint32(18)
            w.bytes(obj.value)
          }

          if (obj.timeReceived != null) {
            w.uint32(42)
            w.string(obj.timeReceived)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {}

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "key" came twice')
                }
                seen |= 0x2

                obj.key = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "value" came twice')
                }
                seen |= 0x4

                obj.value = reader.bytes()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "timeReceived" came twice')
                }
                seen |= 0x20

                obj.timeReceived = reader.string()
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }

          return obj
        },
        function* (reader, length, prefix, opts = {}) {
          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.key`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.value`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.timeReceived`,
                  value: reader.string()
                }
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }
        }
      )
    }

    return _codec
  }

  export interface ValueRecordKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ValueRecordValueFieldEvent {
    field: '$.value'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ValueRecordTimeReceivedFieldEvent {
    field: '$.timeReceived'
    value: string
  }

  export function encode(obj: Partial<ValueRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ValueRecord.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ValueRecord>): ValueRecord {
    return decodeMessage(buf, ValueRecord.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<ValueRecord>
  ): Generator<ValueRecordKeyFieldEvent | ValueRecordValueFieldEvent | ValueRecordTimeReceivedFieldEvent> {
    return streamMessage(buf, ValueRecord.codec(), opts)
  }
}

export interface KnownName {
  record?: Uint8Array<ArrayBuffer>
  own: boolean
}

export namespace KnownName {
  let _codec: Codec<KnownName>

  export const codec = (): Codec<KnownName> => {
    if (_codec == null) {
      _codec = message<KnownName>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.record != null) {
            w.uint32(10)
            w.bytes(obj.record)
          }

          if (obj.own != null && obj.own !== false) {
            w.uint32(16)
            w.bool(obj.own)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            own: false
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "record" came twice')
                }
                seen |= 0x2

                obj.record = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "own" came twice')
                }
                seen |= 0x4

                obj.own = reader.bool()
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }

          return obj
        },
        function* (reader, length, prefix, opts = {}) {
          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.record`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.own`,
                  value: reader.bool()
                }
                break
              }
              default: {
                reader.skipType(tag & 7)
                break
              }
            }
          }
        }
      )
    }

    return _codec
  }

  export interface KnownNameRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface KnownNameOwnFieldEvent {
    field: '$.own'
    value: boolean
  }

  export function encode(obj: Partial<KnownName>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, KnownName.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KnownName>): KnownName {
    return decodeMessage(buf, KnownName.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<KnownName>
  ): Generator<KnownNameRecordFieldEvent | KnownNameOwnFieldEvent> {
    return streamMessage(buf, KnownName.codec(), opts)
  }
}

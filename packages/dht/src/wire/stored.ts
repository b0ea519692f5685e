// @ts-nocheck generated from stored.proto by "npm run generate"
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface StoredRecord {
  addresses: Uint8Array<ArrayBuffer>[]
  receivedAt: number
  group?: string
}

export namespace StoredRecord {
  let _codec: Codec<StoredRecord>

  export const codec = (): Codec<StoredRecord> => {
    if (_codec == null) {
      _codec = message<StoredRecord>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.addresses != null && obj.addresses.length > 0) {
            for (const value of obj.addresses) {
              w.uint32(10)
              w.bytes(value)
            }
          }

          if (obj.receivedAt != null && obj.receivedAt !== 0) {
            w.uint32(16)
            w.uint64Number(obj.receivedAt)
          }

          if (obj.group != null) {
            w.uint32(26)
            w.string(obj.group)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {
            addresses: [],
            receivedAt: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                  throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
                }

                obj.addresses.push(reader.bytes())
                break
              }
              case 2: {
                obj.receivedAt = reader.uint64Number()
                break
              }
              case 3: {
                obj.group = reader.string()
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
          const obj = {
            addresses: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                  throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
                }

                yield {
                  field: `${prefix}.addresses[]`,
                  index: obj.addresses,
                  value: reader.bytes()
                }

                obj.addresses++

                break
              }
              case 2: {
                yield {
                  field: `${prefix}.receivedAt`,
                  value: reader.uint64Number()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.group`,
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

  export interface StoredRecordAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface StoredRecordReceivedAtFieldEvent {
    field: '$.receivedAt'
    value: number
  }

  export interface StoredRecordGroupFieldEvent {
    field: '$.group'
    value: string
  }

  export function encode(obj: Partial<StoredRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredRecord.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StoredRecord>): StoredRecord {
    return decodeMessage(buf, StoredRecord.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StoredRecord>
  ): Generator<StoredRecordAddressesFieldEvent | StoredRecordReceivedAtFieldEvent | StoredRecordGroupFieldEvent> {
    return streamMessage(buf, StoredRecord.codec(), opts)
  }
}

// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Presence {
  kind: Presence.Kind
  addresses: Uint8Array<ArrayBuffer>[]
}

export namespace Presence {
  export enum Kind {
    UNSPECIFIED = 'UNSPECIFIED',
    HERE = 'HERE',
    LEAVING = 'LEAVING'
  }

  enum __KindValues {
    UNSPECIFIED = 0,
    HERE = 1,
    LEAVING = 2
  }

  export namespace Kind {
    export const codec = (): Codec<Kind> => {
      return enumeration<Kind>(__KindValues)
    }
  }

  let _codec: Codec<Presence>

  export const codec = (): Codec<Presence> => {
    if (_codec == null) {
      _codec = message<Presence>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.kind != null && __KindValues[obj.kind] !== 0) {
            w.uint32(8)
            Presence.Kind.codec().encode(obj.kind, w)
          }

          if (obj.addresses != null && obj.addresses.length > 0) {
            for (const value of obj.addresses) {
              w.uint32(18)
              w.bytes(value)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {
            kind: Kind.UNSPECIFIED,
            addresses: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                obj.kind = Presence.Kind.codec().decode(reader)
                break
              }
              case 2: {
                if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                  throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
                }

                obj.addresses.push(reader.bytes())
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
                yield {
                  field: `${prefix}.kind`,
                  value: Presence.Kind.codec().decode(reader)
                }
                break
              }
              case 2: {
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

  export interface PresenceKindFieldEvent {
    field: '$.kind'
    value: Presence.Kind
  }

  export interface PresenceAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Presence>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Presence.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Presence>): Presence {
    return decodeMessage(buf, Presence.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Presence>
  ): Generator<PresenceKindFieldEvent | PresenceAddressesFieldEvent> {
    return streamMessage(buf, Presence.codec(), opts)
  }
}

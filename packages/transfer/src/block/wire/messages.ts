// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface BlockRequest {
  id: number
  cid: Uint8Array<ArrayBuffer>
  root: Uint8Array<ArrayBuffer>
}

export namespace BlockRequest {
  let _codec: Codec<BlockRequest>

  export const codec = (): Codec<BlockRequest> => {
    if (_codec == null) {
      _codec = message<BlockRequest>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.id != null && obj.id !== 0) {
            w.uint32(8)
            w.uint32(obj.id)
          }

          if (obj.cid != null && obj.cid.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.cid)
          }

          if (obj.root != null && obj.root.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.root)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            id: 0,
            cid: uint8ArrayAlloc(0),
            root: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "id" came twice')
                }
                seen |= 0x2

                obj.id = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "cid" came twice')
                }
                seen |= 0x4

                obj.cid = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "root" came twice')
                }
                seen |= 0x8

                obj.root = reader.bytes()
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
                  field: `${prefix}.id`,
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.cid`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.root`,
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

  export interface BlockRequestIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface BlockRequestCidFieldEvent {
    field: '$.cid'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BlockRequestRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<BlockRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BlockRequest.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlockRequest>): BlockRequest {
    return decodeMessage(buf, BlockRequest.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<BlockRequest>
  ): Generator<BlockRequestIdFieldEvent | BlockRequestCidFieldEvent | BlockRequestRootFieldEvent> {
    return streamMessage(buf, BlockRequest.codec(), opts)
  }
}

export enum Refusal {
  REFUSAL_UNSPECIFIED = 'REFUSAL_UNSPECIFIED',
  BLOCK_NOT_HELD = 'BLOCK_NOT_HELD',
  BLOCK_BUSY = 'BLOCK_BUSY',
  BLOCK_BANNED = 'BLOCK_BANNED'
}

enum __RefusalValues {
  REFUSAL_UNSPECIFIED = 0,
  BLOCK_NOT_HELD = 1,
  BLOCK_BUSY = 2,
  BLOCK_BANNED = 3
}

export namespace Refusal {
  let _codec: Codec<Refusal>

  export const codec = (): Codec<Refusal> => {
    return (_codec ??= enumeration<Refusal>(__RefusalValues))
  }
}

export interface BlockAnswer {
  id: number
  bytes: number
  refusal: Refusal
}

export namespace BlockAnswer {
  let _codec: Codec<BlockAnswer>

  export const codec = (): Codec<BlockAnswer> => {
    if (_codec == null) {
      _codec = message<BlockAnswer>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.id != null && obj.id !== 0) {
            w.uint32(8)
            w.uint32(obj.id)
          }

          if (obj.bytes != null && obj.bytes !== 0) {
            w.uint32(16)
            w.uint32(obj.bytes)
          }

          if (obj.refusal != null && __RefusalValues[obj.refusal] !== 0) {
            w.uint32(24)
            Refusal.codec().encode(obj.refusal, w)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            id: 0,
            bytes: 0,
            refusal: Refusal.REFUSAL_UNSPECIFIED
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "id" came twice')
                }
                seen |= 0x2

                obj.id = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "bytes" came twice')
                }
                seen |= 0x4

                obj.bytes = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "refusal" came twice')
                }
                seen |= 0x8

                obj.refusal = Refusal.codec().decode(reader)
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
                  field: `${prefix}.id`,
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.bytes`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.refusal`,
                  value: Refusal.codec().decode(reader)
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

  export interface BlockAnswerIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface BlockAnswerBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface BlockAnswerRefusalFieldEvent {
    field: '$.refusal'
    value: Refusal
  }

  export function encode(obj: Partial<BlockAnswer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BlockAnswer.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BlockAnswer>): BlockAnswer {
    return decodeMessage(buf, BlockAnswer.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<BlockAnswer>
  ): Generator<BlockAnswerIdFieldEvent | BlockAnswerBytesFieldEvent | BlockAnswerRefusalFieldEvent> {
    return streamMessage(buf, BlockAnswer.codec(), opts)
  }
}

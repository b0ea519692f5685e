// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Ask {
  address?: Uint8Array<ArrayBuffer>
  nonce?: Uint8Array<ArrayBuffer>
}

export namespace Ask {
  let _codec: Codec<Ask>

  export const codec = (): Codec<Ask> => {
    if (_codec == null) {
      _codec = message<Ask>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.address != null) {
            w.uint32(10)
            w.bytes(obj.address)
          }

          if (obj.nonce != null) {
            w.uint32(18)
            w.bytes(obj.nonce)
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
                  throw new RangeError('Decode error - field "address" came twice')
                }
                seen |= 0x2

                obj.address = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "nonce" came twice')
                }
                seen |= 0x4

                obj.nonce = reader.bytes()
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
                  field: `${prefix}.address`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.nonce`,
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

  export interface AskAddressFieldEvent {
    field: '$.address'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AskNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Ask>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ask.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ask>): Ask {
    return decodeMessage(buf, Ask.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Ask>
  ): Generator<AskAddressFieldEvent | AskNonceFieldEvent> {
    return streamMessage(buf, Ask.codec(), opts)
  }
}

export interface Answer {
  status: Answer.Status
}

export namespace Answer {
  export enum Status {
    UNSPECIFIED = 'UNSPECIFIED',
    OK = 'OK',
    UNREACHABLE = 'UNREACHABLE',
    REFUSED = 'REFUSED',
    TRY_LATER = 'TRY_LATER'
  }

  enum __StatusValues {
    UNSPECIFIED = 0,
    OK = 1,
    UNREACHABLE = 2,
    REFUSED = 3,
    TRY_LATER = 4
  }

  export namespace Status {
    let _codec: Codec<Status>

    export const codec = (): Codec<Status> => {
      return (_codec ??= enumeration<Status>(__StatusValues))
    }
  }

  let _codec: Codec<Answer>

  export const codec = (): Codec<Answer> => {
    if (_codec == null) {
      _codec = message<Answer>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.status != null && __StatusValues[obj.status] !== 0) {
            w.uint32(8)
            Answer.Status.codec().encode(obj.status, w)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            status: Status.UNSPECIFIED
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "status" came twice')
                }
                seen |= 0x2

                obj.status = Answer.Status.codec().decode(reader)
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
                  field: `${prefix}.status`,
                  value: Answer.Status.codec().decode(reader)
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

  export interface AnswerStatusFieldEvent {
    field: '$.status'
    value: Answer.Status
  }

  export function encode(obj: Partial<Answer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Answer.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Answer>): Answer {
    return decodeMessage(buf, Answer.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Answer>
  ): Generator<AnswerStatusFieldEvent> {
    return streamMessage(buf, Answer.codec(), opts)
  }
}

export interface Proof {
  nonce?: Uint8Array<ArrayBuffer>
}

export namespace Proof {
  let _codec: Codec<Proof>

  export const codec = (): Codec<Proof> => {
    if (_codec == null) {
      _codec = message<Proof>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.nonce != null) {
            w.uint32(10)
            w.bytes(obj.nonce)
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
                  throw new RangeError('Decode error - field "nonce" came twice')
                }
                seen |= 0x2

                obj.nonce = reader.bytes()
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
                  field: `${prefix}.nonce`,
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

  export interface ProofNonceFieldEvent {
    field: '$.nonce'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Proof>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Proof.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proof>): Proof {
    return decodeMessage(buf, Proof.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Proof>
  ): Generator<ProofNonceFieldEvent> {
    return streamMessage(buf, Proof.codec(), opts)
  }
}

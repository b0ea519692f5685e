// @ts-nocheck generated from membership.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Frame {
  kind: Frame.Kind
  number: number
  ids: Uint8Array<ArrayBuffer>
  buckets: Uint8Array<ArrayBuffer>
  claims: Uint8Array<ArrayBuffer>[]
  last: boolean
}

export namespace Frame {
  export enum Kind {
    UNSPECIFIED = 'UNSPECIFIED',
    PING = 'PING',
    ACK = 'ACK',
    PUSH = 'PUSH',
    PRUNE = 'PRUNE',
    WANT = 'WANT',
    DIGEST = 'DIGEST',
    SUMMARY = 'SUMMARY',
    SYNC = 'SYNC'
  }

  enum __KindValues {
    UNSPECIFIED = 0,
    PING = 1,
    ACK = 2,
    PUSH = 3,
    PRUNE = 4,
    WANT = 5,
    DIGEST = 6,
    SUMMARY = 7,
    SYNC = 8
  }

  export namespace Kind {
    let _codec: Codec<Kind>

    export const codec = (): Codec<Kind> => {
      return (_codec ??= enumeration<Kind>(__KindValues))
    }
  }

  let _codec: Codec<Frame>

  export const codec = (): Codec<Frame> => {
    if (_codec == null) {
      _codec = message<Frame>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.kind != null && __KindValues[obj.kind] !== 0) {
            w.uint32(8)
            Frame.Kind.codec().encode(obj.kind, w)
          }

          if (obj.number != null && obj.number !== 0) {
            w.uint32(16)
            w.uint32(obj.number)
          }

          if (obj.ids != null && obj.ids.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.ids)
          }

          if (obj.buckets != null && obj.buckets.byteLength > 0) {
            w.uint32(34)
            w.bytes(obj.buckets)
          }

          if (obj.claims != null && obj.claims.length > 0) {
            for (const value of obj.claims) {
              w.uint32(42)
              w.bytes(value)
            }
          }

          if (obj.last != null && obj.last !== false) {
            w.uint32(48)
            w.bool(obj.last)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            kind: Kind.UNSPECIFIED,
            number: 0,
            ids: uint8ArrayAlloc(0),
            buckets: uint8ArrayAlloc(0),
            claims: [],
            last: false
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "kind" came twice')
                }
                seen |= 0x2

                obj.kind = Frame.Kind.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "number" came twice')
                }
                seen |= 0x4

                obj.number = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "ids" came twice')
                }
                seen |= 0x8

                obj.ids = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "buckets" came twice')
                }
                seen |= 0x10

                obj.buckets = reader.bytes()
                break
              }
              case 5: {
                if (opts.limits?.claims != null && obj.claims.length === opts.limits.claims) {
                  throw new MaxLengthError('Decode error - repeated field "claims" had too many elements')
                }

                obj.claims.push(reader.bytes())
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "last" came twice')
                }
                seen |= 0x40

                obj.last = reader.bool()
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
            claims: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.kind`,
                  value: Frame.Kind.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.number`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.ids`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.buckets`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
                if (opts.limits?.claims != null && obj.claims === opts.limits.claims) {
                  throw new MaxLengthError('Streaming decode error - repeated field "claims" had too many elements')
                }

                yield {
                  field: `${prefix}.claims[]`,
                  index: obj.claims,
                  value: reader.bytes()
                }

                obj.claims++

                break
              }
              case 6: {
                yield {
                  field: `${prefix}.last`,
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

  export interface FrameKindFieldEvent {
    field: '$.kind'
    value: Frame.Kind
  }

  export interface FrameNumberFieldEvent {
    field: '$.number'
    value: number
  }

  export interface FrameIdsFieldEvent {
    field: '$.ids'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameBucketsFieldEvent {
    field: '$.buckets'
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameClaimsFieldEvent {
    field: '$.claims[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface FrameLastFieldEvent {
    field: '$.last'
    value: boolean
  }

  export function encode(obj: Partial<Frame>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Frame.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Frame>): Frame {
    return decodeMessage(buf, Frame.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Frame>
  ): Generator<
    | FrameKindFieldEvent
    | FrameNumberFieldEvent
    | FrameIdsFieldEvent
    | FrameBucketsFieldEvent
    | FrameClaimsFieldEvent
    | FrameLastFieldEvent
  > {
    return streamMessage(buf, Frame.codec(), opts)
  }
}

export interface SignedClaim {
  body: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  key: Uint8Array<ArrayBuffer>
}

export namespace SignedClaim {
  let _codec: Codec<SignedClaim>

  export const codec = (): Codec<SignedClaim> => {
    if (_codec == null) {
      _codec = message<SignedClaim>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.body != null && obj.body.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.body)
          }

          if (obj.signature != null && obj.signature.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.signature)
          }

          if (obj.key != null && obj.key.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.key)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            body: uint8ArrayAlloc(0),
            signature: uint8ArrayAlloc(0),
            key: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "body" came twice')
                }
                seen |= 0x2

                obj.body = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "signature" came twice')
                }
                seen |= 0x4

                obj.signature = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "key" came twice')
                }
                seen |= 0x8

                obj.key = reader.bytes()
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
                  field: `${prefix}.body`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.signature`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.key`,
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

  export interface SignedClaimBodyFieldEvent {
    field: '$.body'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SignedClaimSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SignedClaimKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<SignedClaim>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SignedClaim.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedClaim>): SignedClaim {
    return decodeMessage(buf, SignedClaim.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<SignedClaim>
  ): Generator<SignedClaimBodyFieldEvent | SignedClaimSignatureFieldEvent | SignedClaimKeyFieldEvent> {
    return streamMessage(buf, SignedClaim.codec(), opts)
  }
}

export interface ClaimBody {
  kind: ClaimBody.Kind
  subject: Uint8Array<ArrayBuffer>
  incarnation: number
  accuser: Uint8Array<ArrayBuffer>
  evidence: ClaimBody.Evidence
  metadata: Uint8Array<ArrayBuffer>
}

export namespace ClaimBody {
  export enum Kind {
    UNSPECIFIED = 'UNSPECIFIED',
    ALIVE = 'ALIVE',
    LEFT = 'LEFT',
    SUSPECT = 'SUSPECT'
  }

  enum __KindValues {
    UNSPECIFIED = 0,
    ALIVE = 1,
    LEFT = 2,
    SUSPECT = 3
  }

  export namespace Kind {
    let _codec: Codec<Kind>

    export const codec = (): Codec<Kind> => {
      return (_codec ??= enumeration<Kind>(__KindValues))
    }
  }

  export enum Evidence {
    NONE = 'NONE',
    SILENT = 'SILENT',
    CLOSED = 'CLOSED'
  }

  enum __EvidenceValues {
    NONE = 0,
    SILENT = 1,
    CLOSED = 2
  }

  export namespace Evidence {
    let _codec: Codec<Evidence>

    export const codec = (): Codec<Evidence> => {
      return (_codec ??= enumeration<Evidence>(__EvidenceValues))
    }
  }

  let _codec: Codec<ClaimBody>

  export const codec = (): Codec<ClaimBody> => {
    if (_codec == null) {
      _codec = message<ClaimBody>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.kind != null && __KindValues[obj.kind] !== 0) {
            w.uint32(8)
            ClaimBody.Kind.codec().encode(obj.kind, w)
          }

          if (obj.subject != null && obj.subject.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.subject)
          }

          if (obj.incarnation != null && obj.incarnation !== 0) {
            w.uint32(24)
            w.uint64Number(obj.incarnation)
          }

          if (obj.accuser != null && obj.accuser.byteLength > 0) {
            w.uint32(34)
            w.bytes(obj.accuser)
          }

          if (obj.evidence != null && __EvidenceValues[obj.evidence] !== 0) {
            w.uint32(40)
            ClaimBody.Evidence.codec().encode(obj.evidence, w)
          }

          if (obj.metadata != null && obj.metadata.byteLength > 0) {
            w.uint32(50)
            w.bytes(obj.metadata)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            kind: Kind.UNSPECIFIED,
            subject: uint8ArrayAlloc(0),
            incarnation: 0,
            accuser: uint8ArrayAlloc(0),
            evidence: Evidence.NONE,
            metadata: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "kind" came twice')
                }
                seen |= 0x2

                obj.kind = ClaimBody.Kind.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "subject" came twice')
                }
                seen |= 0x4

                obj.subject = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "incarnation" came twice')
                }
                seen |= 0x8

                obj.incarnation = reader.uint64Number()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "accuser" came twice')
                }
                seen |= 0x10

                obj.accuser = reader.bytes()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "evidence" came twice')
                }
                seen |= 0x20

                obj.evidence = ClaimBody.Evidence.codec().decode(reader)
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "metadata" came twice')
                }
                seen |= 0x40

                obj.metadata = reader.bytes()
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
                  field: `${prefix}.kind`,
                  value: ClaimBody.Kind.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.subject`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.incarnation`,
                  value: reader.uint64Number()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.accuser`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.evidence`,
                  value: ClaimBody.Evidence.codec().decode(reader)
                }
                break
              }
              case 6: {
                yield {
                  field: `${prefix}.metadata`,
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

  export interface ClaimBodyKindFieldEvent {
    field: '$.kind'
    value: ClaimBody.Kind
  }

  export interface ClaimBodySubjectFieldEvent {
    field: '$.subject'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ClaimBodyIncarnationFieldEvent {
    field: '$.incarnation'
    value: number
  }

  export interface ClaimBodyAccuserFieldEvent {
    field: '$.accuser'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ClaimBodyEvidenceFieldEvent {
    field: '$.evidence'
    value: ClaimBody.Evidence
  }

  export interface ClaimBodyMetadataFieldEvent {
    field: '$.metadata'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<ClaimBody>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ClaimBody.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ClaimBody>): ClaimBody {
    return decodeMessage(buf, ClaimBody.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<ClaimBody>
  ): Generator<
    | ClaimBodyKindFieldEvent
    | ClaimBodySubjectFieldEvent
    | ClaimBodyIncarnationFieldEvent
    | ClaimBodyAccuserFieldEvent
    | ClaimBodyEvidenceFieldEvent
    | ClaimBodyMetadataFieldEvent
  > {
    return streamMessage(buf, ClaimBody.codec(), opts)
  }
}

export interface Metadata {
  addresses: Uint8Array<ArrayBuffer>[]
  roles: string[]
  version: string
  load: number
}

export namespace Metadata {
  let _codec: Codec<Metadata>

  export const codec = (): Codec<Metadata> => {
    if (_codec == null) {
      _codec = message<Metadata>(
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

          if (obj.roles != null && obj.roles.length > 0) {
            for (const value of obj.roles) {
              w.uint32(18)
              w.string(value)
            }
          }

          if (obj.version != null && obj.version !== '') {
            w.uint32(26)
            w.string(obj.version)
          }

          if (obj.load != null && obj.load !== 0) {
            w.uint32(32)
            w.uint32(obj.load)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            addresses: [],
            roles: [],
            version: '',
            load: 0
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
                if (opts.limits?.roles != null && obj.roles.length === opts.limits.roles) {
                  throw new MaxLengthError('Decode error - repeated field "roles" had too many elements')
                }

                obj.roles.push(reader.string())
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "version" came twice')
                }
                seen |= 0x8

                obj.version = reader.string()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "load" came twice')
                }
                seen |= 0x10

                obj.load = reader.uint32()
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
            addresses: 0,
            roles: 0
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
                if (opts.limits?.roles != null && obj.roles === opts.limits.roles) {
                  throw new MaxLengthError('Streaming decode error - repeated field "roles" had too many elements')
                }

                yield {
                  field: `${prefix}.roles[]`,
                  index: obj.roles,
                  value: reader.string()
                }

                obj.roles++

                break
              }
              case 3: {
                yield {
                  field: `${prefix}.version`,
                  value: reader.string()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.load`,
                  value: reader.uint32()
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

  export interface MetadataAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface MetadataRolesFieldEvent {
    field: '$.roles[]'
    index: number
    value: string
  }

  export interface MetadataVersionFieldEvent {
    field: '$.version'
    value: string
  }

  export interface MetadataLoadFieldEvent {
    field: '$.load'
    value: number
  }

  export function encode(obj: Partial<Metadata>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Metadata.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Metadata>): Metadata {
    return decodeMessage(buf, Metadata.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Metadata>
  ): Generator<
    MetadataAddressesFieldEvent | MetadataRolesFieldEvent | MetadataVersionFieldEvent | MetadataLoadFieldEvent
  > {
    return streamMessage(buf, Metadata.codec(), opts)
  }
}

export interface Snapshot {
  incarnation: number
  claims: Uint8Array<ArrayBuffer>[]
}

export namespace Snapshot {
  let _codec: Codec<Snapshot>

  export const codec = (): Codec<Snapshot> => {
    if (_codec == null) {
      _codec = message<Snapshot>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.incarnation != null && obj.incarnation !== 0) {
            w.uint32(8)
            w.uint64Number(obj.incarnation)
          }

          if (obj.claims != null && obj.claims.length > 0) {
            for (const value of obj.claims) {
              w.uint32(18)
              w.bytes(value)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            incarnation: 0,
            claims: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "incarnation" came twice')
                }
                seen |= 0x2

                obj.incarnation = reader.uint64Number()
                break
              }
              case 2: {
                if (opts.limits?.claims != null && obj.claims.length === opts.limits.claims) {
                  throw new MaxLengthError('Decode error - repeated field "claims" had too many elements')
                }

                obj.claims.push(reader.bytes())
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
            claims: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.incarnation`,
                  value: reader.uint64Number()
                }
                break
              }
              case 2: {
                if (opts.limits?.claims != null && obj.claims === opts.limits.claims) {
                  throw new MaxLengthError('Streaming decode error - repeated field "claims" had too many elements')
                }

                yield {
                  field: `${prefix}.claims[]`,
                  index: obj.claims,
                  value: reader.bytes()
                }

                obj.claims++

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

  export interface SnapshotIncarnationFieldEvent {
    field: '$.incarnation'
    value: number
  }

  export interface SnapshotClaimsFieldEvent {
    field: '$.claims[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Snapshot>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Snapshot.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Snapshot>): Snapshot {
    return decodeMessage(buf, Snapshot.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Snapshot>
  ): Generator<SnapshotIncarnationFieldEvent | SnapshotClaimsFieldEvent> {
    return streamMessage(buf, Snapshot.codec(), opts)
  }
}

// @ts-nocheck generated from messages.proto by "npm run generate"
/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export enum Lane {
  LANE_UNSPECIFIED = 'LANE_UNSPECIFIED',
  CONTROL = 'CONTROL',
  DATA = 'DATA'
}

enum __LaneValues {
  LANE_UNSPECIFIED = 0,
  CONTROL = 1,
  DATA = 2
}

export namespace Lane {
  let _codec: Codec<Lane>

  export const codec = (): Codec<Lane> => {
    return (_codec ??= enumeration<Lane>(__LaneValues))
  }
}

export interface Hello {
  root: Uint8Array<ArrayBuffer>
  lane: Lane
  session: Uint8Array<ArrayBuffer>
  moves: boolean
  move: number
  heard: number
}

export namespace Hello {
  let _codec: Codec<Hello>

  export const codec = (): Codec<Hello> => {
    if (_codec == null) {
      _codec = message<Hello>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.root != null && obj.root.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.root)
          }

          if (obj.lane != null && __LaneValues[obj.lane] !== 0) {
            w.uint32(16)
            Lane.codec().encode(obj.lane, w)
          }

          if (obj.session != null && obj.session.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.session)
          }

          if (obj.moves != null && obj.moves !== false) {
            w.uint32(32)
            w.bool(obj.moves)
          }

          if (obj.move != null && obj.move !== 0) {
            w.uint32(40)
            w.uint32(obj.move)
          }

          if (obj.heard != null && obj.heard !== 0) {
            w.uint32(48)
            w.uint64Number(obj.heard)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            root: uint8ArrayAlloc(0),
            lane: Lane.LANE_UNSPECIFIED,
            session: uint8ArrayAlloc(0),
            moves: false,
            move: 0,
            heard: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "root" came twice')
                }
                seen |= 0x2

                obj.root = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "lane" came twice')
                }
                seen |= 0x4

                obj.lane = Lane.codec().decode(reader)
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "session" came twice')
                }
                seen |= 0x8

                obj.session = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "moves" came twice')
                }
                seen |= 0x10

                obj.moves = reader.bool()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "move" came twice')
                }
                seen |= 0x20

                obj.move = reader.uint32()
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "heard" came twice')
                }
                seen |= 0x40

                obj.heard = reader.uint64Number()
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
                  field: `${prefix}.root`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.lane`,
                  value: Lane.codec().decode(reader)
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.session`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.moves`,
                  value: reader.bool()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.move`,
                  value: reader.uint32()
                }
                break
              }
              case 6: {
                yield {
                  field: `${prefix}.heard`,
                  value: reader.uint64Number()
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

  export interface HelloRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HelloLaneFieldEvent {
    field: '$.lane'
    value: Lane
  }

  export interface HelloSessionFieldEvent {
    field: '$.session'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HelloMovesFieldEvent {
    field: '$.moves'
    value: boolean
  }

  export interface HelloMoveFieldEvent {
    field: '$.move'
    value: number
  }

  export interface HelloHeardFieldEvent {
    field: '$.heard'
    value: number
  }

  export function encode(obj: Partial<Hello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Hello.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Hello>): Hello {
    return decodeMessage(buf, Hello.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Hello>
  ): Generator<
    | HelloRootFieldEvent
    | HelloLaneFieldEvent
    | HelloSessionFieldEvent
    | HelloMovesFieldEvent
    | HelloMoveFieldEvent
    | HelloHeardFieldEvent
  > {
    return streamMessage(buf, Hello.codec(), opts)
  }
}

export interface Want {
  ranges: Uint8Array<ArrayBuffer>
  urgent: boolean
  adds: boolean
}

export namespace Want {
  let _codec: Codec<Want>

  export const codec = (): Codec<Want> => {
    if (_codec == null) {
      _codec = message<Want>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.ranges != null && obj.ranges.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.ranges)
          }

          if (obj.urgent != null && obj.urgent !== false) {
            w.uint32(16)
            w.bool(obj.urgent)
          }

          if (obj.adds != null && obj.adds !== false) {
            w.uint32(24)
            w.bool(obj.adds)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            ranges: uint8ArrayAlloc(0),
            urgent: false,
            adds: false
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "ranges" came twice')
                }
                seen |= 0x2

                obj.ranges = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "urgent" came twice')
                }
                seen |= 0x4

                obj.urgent = reader.bool()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "adds" came twice')
                }
                seen |= 0x8

                obj.adds = reader.bool()
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
                  field: `${prefix}.ranges`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.urgent`,
                  value: reader.bool()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.adds`,
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

  export interface WantRangesFieldEvent {
    field: '$.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export interface WantUrgentFieldEvent {
    field: '$.urgent'
    value: boolean
  }

  export interface WantAddsFieldEvent {
    field: '$.adds'
    value: boolean
  }

  export function encode(obj: Partial<Want>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Want.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Want {
    return decodeMessage(buf, Want.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Want>
  ): Generator<WantRangesFieldEvent | WantUrgentFieldEvent | WantAddsFieldEvent> {
    return streamMessage(buf, Want.codec(), opts)
  }
}

export interface Have {
  ranges: Uint8Array<ArrayBuffer>
}

export namespace Have {
  let _codec: Codec<Have>

  export const codec = (): Codec<Have> => {
    if (_codec == null) {
      _codec = message<Have>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.ranges != null && obj.ranges.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.ranges)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            ranges: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "ranges" came twice')
                }
                seen |= 0x2

                obj.ranges = reader.bytes()
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
                  field: `${prefix}.ranges`,
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

  export interface HaveRangesFieldEvent {
    field: '$.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Have>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Have.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Have>): Have {
    return decodeMessage(buf, Have.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Have>
  ): Generator<HaveRangesFieldEvent> {
    return streamMessage(buf, Have.codec(), opts)
  }
}

export interface Grant {
  leaves: number
}

export namespace Grant {
  let _codec: Codec<Grant>

  export const codec = (): Codec<Grant> => {
    if (_codec == null) {
      _codec = message<Grant>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.leaves != null && obj.leaves !== 0) {
            w.uint32(8)
            w.uint32(obj.leaves)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            leaves: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "leaves" came twice')
                }
                seen |= 0x2

                obj.leaves = reader.uint32()
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
                  field: `${prefix}.leaves`,
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

  export interface GrantLeavesFieldEvent {
    field: '$.leaves'
    value: number
  }

  export function encode(obj: Partial<Grant>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Grant.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Grant>): Grant {
    return decodeMessage(buf, Grant.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Grant>
  ): Generator<GrantLeavesFieldEvent> {
    return streamMessage(buf, Grant.codec(), opts)
  }
}

export interface Offer {
  ranges: Uint8Array<ArrayBuffer>
}

export namespace Offer {
  let _codec: Codec<Offer>

  export const codec = (): Codec<Offer> => {
    if (_codec == null) {
      _codec = message<Offer>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.ranges != null && obj.ranges.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.ranges)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            ranges: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "ranges" came twice')
                }
                seen |= 0x2

                obj.ranges = reader.bytes()
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
                  field: `${prefix}.ranges`,
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

  export interface OfferRangesFieldEvent {
    field: '$.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Offer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Offer.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Offer>): Offer {
    return decodeMessage(buf, Offer.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Offer>
  ): Generator<OfferRangesFieldEvent> {
    return streamMessage(buf, Offer.codec(), opts)
  }
}

export interface Run {
  leaf: number
  first: number
  count: number
}

export namespace Run {
  let _codec: Codec<Run>

  export const codec = (): Codec<Run> => {
    if (_codec == null) {
      _codec = message<Run>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.leaf != null && obj.leaf !== 0) {
            w.uint32(8)
            w.uint32(obj.leaf)
          }

          if (obj.first != null && obj.first !== 0) {
            w.uint32(16)
            w.uint32(obj.first)
          }

          if (obj.count != null && obj.count !== 0) {
            w.uint32(24)
            w.uint32(obj.count)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            leaf: 0,
            first: 0,
            count: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "leaf" came twice')
                }
                seen |= 0x2

                obj.leaf = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "first" came twice')
                }
                seen |= 0x4

                obj.first = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "count" came twice')
                }
                seen |= 0x8

                obj.count = reader.uint32()
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
                  field: `${prefix}.leaf`,
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.first`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.count`,
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

  export interface RunLeafFieldEvent {
    field: '$.leaf'
    value: number
  }

  export interface RunFirstFieldEvent {
    field: '$.first'
    value: number
  }

  export interface RunCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode(obj: Partial<Run>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Run.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Run>): Run {
    return decodeMessage(buf, Run.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Run>
  ): Generator<RunLeafFieldEvent | RunFirstFieldEvent | RunCountFieldEvent> {
    return streamMessage(buf, Run.codec(), opts)
  }
}

export interface Request {
  runs: Run[]
}

export namespace Request {
  let _codec: Codec<Request>

  export const codec = (): Codec<Request> => {
    if (_codec == null) {
      _codec = message<Request>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.runs != null && obj.runs.length > 0) {
            for (const value of obj.runs) {
              w.uint32(10)
              Run.codec().encode(value, w)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {
            runs: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.runs != null && obj.runs.length === opts.limits.runs) {
                  throw new MaxLengthError('Decode error - repeated field "runs" had too many elements')
                }

                obj.runs.push(
                  Run.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.runs$
                  })
                )
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
            runs: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.runs != null && obj.runs === opts.limits.runs) {
                  throw new MaxLengthError('Streaming decode error - repeated field "runs" had too many elements')
                }

                for (const evt of Run.codec().stream(reader, reader.uint32(), `${prefix}.runs[]`, {
                  limits: opts.limits?.runs$
                })) {
                  yield {
                    ...evt,
                    index: obj.runs
                  }
                }

                obj.runs++

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

  export interface RequestRunsLeafFieldEvent {
    field: '$.runs[].leaf'
    value: number
    index: number
  }

  export interface RequestRunsFirstFieldEvent {
    field: '$.runs[].first'
    value: number
    index: number
  }

  export interface RequestRunsCountFieldEvent {
    field: '$.runs[].count'
    value: number
    index: number
  }

  export function encode(obj: Partial<Request>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Request.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Request>): Request {
    return decodeMessage(buf, Request.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Request>
  ): Generator<RequestRunsLeafFieldEvent | RequestRunsFirstFieldEvent | RequestRunsCountFieldEvent> {
    return streamMessage(buf, Request.codec(), opts)
  }
}

export interface Pass {
  ranges: Uint8Array<ArrayBuffer>
}

export namespace Pass {
  let _codec: Codec<Pass>

  export const codec = (): Codec<Pass> => {
    if (_codec == null) {
      _codec = message<Pass>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.ranges != null && obj.ranges.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.ranges)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            ranges: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "ranges" came twice')
                }
                seen |= 0x2

                obj.ranges = reader.bytes()
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
                  field: `${prefix}.ranges`,
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

  export interface PassRangesFieldEvent {
    field: '$.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Pass>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Pass.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pass>): Pass {
    return decodeMessage(buf, Pass.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Pass>
  ): Generator<PassRangesFieldEvent> {
    return streamMessage(buf, Pass.codec(), opts)
  }
}

export interface Cancel {
  runs: Run[]
}

export namespace Cancel {
  let _codec: Codec<Cancel>

  export const codec = (): Codec<Cancel> => {
    if (_codec == null) {
      _codec = message<Cancel>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.runs != null && obj.runs.length > 0) {
            for (const value of obj.runs) {
              w.uint32(10)
              Run.codec().encode(value, w)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {
            runs: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.runs != null && obj.runs.length === opts.limits.runs) {
                  throw new MaxLengthError('Decode error - repeated field "runs" had too many elements')
                }

                obj.runs.push(
                  Run.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.runs$
                  })
                )
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
            runs: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.runs != null && obj.runs === opts.limits.runs) {
                  throw new MaxLengthError('Streaming decode error - repeated field "runs" had too many elements')
                }

                for (const evt of Run.codec().stream(reader, reader.uint32(), `${prefix}.runs[]`, {
                  limits: opts.limits?.runs$
                })) {
                  yield {
                    ...evt,
                    index: obj.runs
                  }
                }

                obj.runs++

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

  export interface CancelRunsLeafFieldEvent {
    field: '$.runs[].leaf'
    value: number
    index: number
  }

  export interface CancelRunsFirstFieldEvent {
    field: '$.runs[].first'
    value: number
    index: number
  }

  export interface CancelRunsCountFieldEvent {
    field: '$.runs[].count'
    value: number
    index: number
  }

  export function encode(obj: Partial<Cancel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Cancel.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cancel>): Cancel {
    return decodeMessage(buf, Cancel.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Cancel>
  ): Generator<CancelRunsLeafFieldEvent | CancelRunsFirstFieldEvent | CancelRunsCountFieldEvent> {
    return streamMessage(buf, Cancel.codec(), opts)
  }
}

export interface GetNodes {
  id: number
  cids: Uint8Array<ArrayBuffer>[]
}

export namespace GetNodes {
  let _codec: Codec<GetNodes>

  export const codec = (): Codec<GetNodes> => {
    if (_codec == null) {
      _codec = message<GetNodes>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.id != null && obj.id !== 0) {
            w.uint32(8)
            w.uint32(obj.id)
          }

          if (obj.cids != null && obj.cids.length > 0) {
            for (const value of obj.cids) {
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
            id: 0,
            cids: []
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
                if (opts.limits?.cids != null && obj.cids.length === opts.limits.cids) {
                  throw new MaxLengthError('Decode error - repeated field "cids" had too many elements')
                }

                obj.cids.push(reader.bytes())
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
            cids: 0
          }

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
                if (opts.limits?.cids != null && obj.cids === opts.limits.cids) {
                  throw new MaxLengthError('Streaming decode error - repeated field "cids" had too many elements')
                }

                yield {
                  field: `${prefix}.cids[]`,
                  index: obj.cids,
                  value: reader.bytes()
                }

                obj.cids++

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

  export interface GetNodesIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface GetNodesCidsFieldEvent {
    field: '$.cids[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<GetNodes>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, GetNodes.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<GetNodes>): GetNodes {
    return decodeMessage(buf, GetNodes.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<GetNodes>
  ): Generator<GetNodesIdFieldEvent | GetNodesCidsFieldEvent> {
    return streamMessage(buf, GetNodes.codec(), opts)
  }
}

export enum Reason {
  REASON_UNSPECIFIED = 'REASON_UNSPECIFIED',
  UNKNOWN_ROOT = 'UNKNOWN_ROOT',
  NOT_HELD = 'NOT_HELD',
  BUSY = 'BUSY',
  GONE = 'GONE',
  DUPLICATE = 'DUPLICATE',
  BANNED = 'BANNED'
}

enum __ReasonValues {
  REASON_UNSPECIFIED = 0,
  UNKNOWN_ROOT = 1,
  NOT_HELD = 2,
  BUSY = 3,
  GONE = 4,
  DUPLICATE = 5,
  BANNED = 6
}

export namespace Reason {
  let _codec: Codec<Reason>

  export const codec = (): Codec<Reason> => {
    return (_codec ??= enumeration<Reason>(__ReasonValues))
  }
}

export interface Reject {
  reason: Reason
  runs: Run[]
  nodes: number
}

export namespace Reject {
  let _codec: Codec<Reject>

  export const codec = (): Codec<Reject> => {
    if (_codec == null) {
      _codec = message<Reject>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.reason != null && __ReasonValues[obj.reason] !== 0) {
            w.uint32(8)
            Reason.codec().encode(obj.reason, w)
          }

          if (obj.runs != null && obj.runs.length > 0) {
            for (const value of obj.runs) {
              w.uint32(18)
              Run.codec().encode(value, w)
            }
          }

          if (obj.nodes != null && obj.nodes !== 0) {
            w.uint32(24)
            w.uint32(obj.nodes)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            reason: Reason.REASON_UNSPECIFIED,
            runs: [],
            nodes: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "reason" came twice')
                }
                seen |= 0x2

                obj.reason = Reason.codec().decode(reader)
                break
              }
              case 2: {
                if (opts.limits?.runs != null && obj.runs.length === opts.limits.runs) {
                  throw new MaxLengthError('Decode error - repeated field "runs" had too many elements')
                }

                obj.runs.push(
                  Run.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.runs$
                  })
                )
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "nodes" came twice')
                }
                seen |= 0x8

                obj.nodes = reader.uint32()
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
            runs: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.reason`,
                  value: Reason.codec().decode(reader)
                }
                break
              }
              case 2: {
                if (opts.limits?.runs != null && obj.runs === opts.limits.runs) {
                  throw new MaxLengthError('Streaming decode error - repeated field "runs" had too many elements')
                }

                for (const evt of Run.codec().stream(reader, reader.uint32(), `${prefix}.runs[]`, {
                  limits: opts.limits?.runs$
                })) {
                  yield {
                    ...evt,
                    index: obj.runs
                  }
                }

                obj.runs++

                break
              }
              case 3: {
                yield {
                  field: `${prefix}.nodes`,
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

  export interface RejectReasonFieldEvent {
    field: '$.reason'
    value: Reason
  }

  export interface RejectRunsLeafFieldEvent {
    field: '$.runs[].leaf'
    value: number
    index: number
  }

  export interface RejectRunsFirstFieldEvent {
    field: '$.runs[].first'
    value: number
    index: number
  }

  export interface RejectRunsCountFieldEvent {
    field: '$.runs[].count'
    value: number
    index: number
  }

  export interface RejectNodesFieldEvent {
    field: '$.nodes'
    value: number
  }

  export function encode(obj: Partial<Reject>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Reject.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Reject>): Reject {
    return decodeMessage(buf, Reject.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Reject>
  ): Generator<
    | RejectReasonFieldEvent
    | RejectRunsLeafFieldEvent
    | RejectRunsFirstFieldEvent
    | RejectRunsCountFieldEvent
    | RejectNodesFieldEvent
  > {
    return streamMessage(buf, Reject.codec(), opts)
  }
}

export interface Ack {
  bytes: number
  move: number
  last: boolean
  heard: number
}

export namespace Ack {
  let _codec: Codec<Ack>

  export const codec = (): Codec<Ack> => {
    if (_codec == null) {
      _codec = message<Ack>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.bytes != null && obj.bytes !== 0) {
            w.uint32(8)
            w.uint64Number(obj.bytes)
          }

          if (obj.move != null && obj.move !== 0) {
            w.uint32(16)
            w.uint32(obj.move)
          }

          if (obj.last != null && obj.last !== false) {
            w.uint32(24)
            w.bool(obj.last)
          }

          if (obj.heard != null && obj.heard !== 0) {
            w.uint32(32)
            w.uint64Number(obj.heard)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            bytes: 0,
            move: 0,
            last: false,
            heard: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "bytes" came twice')
                }
                seen |= 0x2

                obj.bytes = reader.uint64Number()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "move" came twice')
                }
                seen |= 0x4

                obj.move = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "last" came twice')
                }
                seen |= 0x8

                obj.last = reader.bool()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "heard" came twice')
                }
                seen |= 0x10

                obj.heard = reader.uint64Number()
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
                  field: `${prefix}.bytes`,
                  value: reader.uint64Number()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.move`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.last`,
                  value: reader.bool()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.heard`,
                  value: reader.uint64Number()
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

  export interface AckBytesFieldEvent {
    field: '$.bytes'
    value: number
  }

  export interface AckMoveFieldEvent {
    field: '$.move'
    value: number
  }

  export interface AckLastFieldEvent {
    field: '$.last'
    value: boolean
  }

  export interface AckHeardFieldEvent {
    field: '$.heard'
    value: number
  }

  export function encode(obj: Partial<Ack>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ack.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Ack {
    return decodeMessage(buf, Ack.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Ack>
  ): Generator<AckBytesFieldEvent | AckMoveFieldEvent | AckLastFieldEvent | AckHeardFieldEvent> {
    return streamMessage(buf, Ack.codec(), opts)
  }
}

export interface End {}

export namespace End {
  let _codec: Codec<End>

  export const codec = (): Codec<End> => {
    if (_codec == null) {
      _codec = message<End>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {}

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
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

  export function encode(obj: Partial<End>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, End.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): End {
    return decodeMessage(buf, End.codec(), opts)
  }

  export function stream(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<End>): Generator<{}> {
    return streamMessage(buf, End.codec(), opts)
  }
}

export interface Resume {
  place: number
}

export namespace Resume {
  let _codec: Codec<Resume>

  export const codec = (): Codec<Resume> => {
    if (_codec == null) {
      _codec = message<Resume>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.place != null && obj.place !== 0) {
            w.uint32(8)
            w.uint64Number(obj.place)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            place: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "place" came twice')
                }
                seen |= 0x2

                obj.place = reader.uint64Number()
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
                  field: `${prefix}.place`,
                  value: reader.uint64Number()
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

  export interface ResumePlaceFieldEvent {
    field: '$.place'
    value: number
  }

  export function encode(obj: Partial<Resume>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Resume.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Resume>): Resume {
    return decodeMessage(buf, Resume.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Resume>
  ): Generator<ResumePlaceFieldEvent> {
    return streamMessage(buf, Resume.codec(), opts)
  }
}

export enum ChannelStep {
  CHANNEL_STEP_UNSPECIFIED = 'CHANNEL_STEP_UNSPECIFIED',
  ASK = 'ASK',
  INVITE = 'INVITE',
  OPEN = 'OPEN',
  CLOSED = 'CLOSED',
  REFUSE = 'REFUSE'
}

enum __ChannelStepValues {
  CHANNEL_STEP_UNSPECIFIED = 0,
  ASK = 1,
  INVITE = 2,
  OPEN = 3,
  CLOSED = 4,
  REFUSE = 5
}

export namespace ChannelStep {
  let _codec: Codec<ChannelStep>

  export const codec = (): Codec<ChannelStep> => {
    return (_codec ??= enumeration<ChannelStep>(__ChannelStepValues))
  }
}

export interface Channel {
  step: ChannelStep
  id: number
  token: Uint8Array<ArrayBuffer>
  port: number
}

export namespace Channel {
  let _codec: Codec<Channel>

  export const codec = (): Codec<Channel> => {
    if (_codec == null) {
      _codec = message<Channel>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.step != null && __ChannelStepValues[obj.step] !== 0) {
            w.uint32(8)
            ChannelStep.codec().encode(obj.step, w)
          }

          if (obj.id != null && obj.id !== 0) {
            w.uint32(16)
            w.uint32(obj.id)
          }

          if (obj.token != null && obj.token.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.token)
          }

          if (obj.port != null && obj.port !== 0) {
            w.uint32(32)
            w.uint32(obj.port)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            step: ChannelStep.CHANNEL_STEP_UNSPECIFIED,
            id: 0,
            token: uint8ArrayAlloc(0),
            port: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "step" came twice')
                }
                seen |= 0x2

                obj.step = ChannelStep.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "id" came twice')
                }
                seen |= 0x4

                obj.id = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "token" came twice')
                }
                seen |= 0x8

                obj.token = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "port" came twice')
                }
                seen |= 0x10

                obj.port = reader.uint32()
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
                  field: `${prefix}.step`,
                  value: ChannelStep.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.id`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.token`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.port`,
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

  export interface ChannelStepFieldEvent {
    field: '$.step'
    value: ChannelStep
  }

  export interface ChannelIdFieldEvent {
    field: '$.id'
    value: number
  }

  export interface ChannelTokenFieldEvent {
    field: '$.token'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ChannelPortFieldEvent {
    field: '$.port'
    value: number
  }

  export function encode(obj: Partial<Channel>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Channel.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Channel>): Channel {
    return decodeMessage(buf, Channel.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Channel>
  ): Generator<ChannelStepFieldEvent | ChannelIdFieldEvent | ChannelTokenFieldEvent | ChannelPortFieldEvent> {
    return streamMessage(buf, Channel.codec(), opts)
  }
}

export interface Control {
  hello?: Hello
  want?: Want
  have?: Have
  grant?: Grant
  offer?: Offer
  request?: Request
  pass?: Pass
  cancel?: Cancel
  reject?: Reject
  getNodes?: GetNodes
  ack?: Ack
  channel?: Channel
  channelReply?: Channel
  end?: End
  resume?: Resume
}

export namespace Control {
  let _codec: Codec<Control>

  export const codec = (): Codec<Control> => {
    if (_codec == null) {
      _codec = message<Control>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.hello != null) {
            w.uint32(10)
            Hello.codec().encode(obj.hello, w)
          }

          if (obj.want != null) {
            w.uint32(18)
            Want.codec().encode(obj.want, w)
          }

          if (obj.have != null) {
            w.uint32(26)
            Have.codec().encode(obj.have, w)
          }

          if (obj.grant != null) {
            w.uint32(34)
            Grant.codec().encode(obj.grant, w)
          }

          if (obj.offer != null) {
            w.uint32(42)
            Offer.codec().encode(obj.offer, w)
          }

          if (obj.request != null) {
            w.uint32(50)
            Request.codec().encode(obj.request, w)
          }

          if (obj.pass != null) {
            w.uint32(58)
            Pass.codec().encode(obj.pass, w)
          }

          if (obj.cancel != null) {
            w.uint32(66)
            Cancel.codec().encode(obj.cancel, w)
          }

          if (obj.reject != null) {
            w.uint32(74)
            Reject.codec().encode(obj.reject, w)
          }

          if (obj.getNodes != null) {
            w.uint32(82)
            GetNodes.codec().encode(obj.getNodes, w)
          }

          if (obj.ack != null) {
            w.uint32(90)
            Ack.codec().encode(obj.ack, w)
          }

          if (obj.channel != null) {
            w.uint32(98)
            Channel.codec().encode(obj.channel, w)
          }

          if (obj.channelReply != null) {
            w.uint32(106)
            Channel.codec().encode(obj.channelReply, w)
          }

          if (obj.end != null) {
            w.uint32(114)
            End.codec().encode(obj.end, w)
          }

          if (obj.resume != null) {
            w.uint32(122)
            Resume.codec().encode(obj.resume, w)
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
                  throw new RangeError('Decode error - field "hello" came twice')
                }
                seen |= 0x2

                obj.hello = Hello.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.hello
                })
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "want" came twice')
                }
                seen |= 0x4

                obj.want = Want.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.want
                })
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "have" came twice')
                }
                seen |= 0x8

                obj.have = Have.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.have
                })
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "grant" came twice')
                }
                seen |= 0x10

                obj.grant = Grant.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.grant
                })
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "offer" came twice')
                }
                seen |= 0x20

                obj.offer = Offer.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.offer
                })
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "request" came twice')
                }
                seen |= 0x40

                obj.request = Request.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.request
                })
                break
              }
              case 7: {
                if ((seen & 0x80) !== 0) {
                  throw new RangeError('Decode error - field "pass" came twice')
                }
                seen |= 0x80

                obj.pass = Pass.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.pass
                })
                break
              }
              case 8: {
                if ((seen & 0x100) !== 0) {
                  throw new RangeError('Decode error - field "cancel" came twice')
                }
                seen |= 0x100

                obj.cancel = Cancel.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.cancel
                })
                break
              }
              case 9: {
                if ((seen & 0x200) !== 0) {
                  throw new RangeError('Decode error - field "reject" came twice')
                }
                seen |= 0x200

                obj.reject = Reject.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.reject
                })
                break
              }
              case 10: {
                if ((seen & 0x400) !== 0) {
                  throw new RangeError('Decode error - field "getNodes" came twice')
                }
                seen |= 0x400

                obj.getNodes = GetNodes.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.getNodes
                })
                break
              }
              case 11: {
                if ((seen & 0x800) !== 0) {
                  throw new RangeError('Decode error - field "ack" came twice')
                }
                seen |= 0x800

                obj.ack = Ack.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.ack
                })
                break
              }
              case 12: {
                if ((seen & 0x1000) !== 0) {
                  throw new RangeError('Decode error - field "channel" came twice')
                }
                seen |= 0x1000

                obj.channel = Channel.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.channel
                })
                break
              }
              case 13: {
                if ((seen & 0x2000) !== 0) {
                  throw new RangeError('Decode error - field "channelReply" came twice')
                }
                seen |= 0x2000

                obj.channelReply = Channel.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.channelReply
                })
                break
              }
              case 14: {
                if ((seen & 0x4000) !== 0) {
                  throw new RangeError('Decode error - field "end" came twice')
                }
                seen |= 0x4000

                obj.end = End.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.end
                })
                break
              }
              case 15: {
                if ((seen & 0x8000) !== 0) {
                  throw new RangeError('Decode error - field "resume" came twice')
                }
                seen |= 0x8000

                obj.resume = Resume.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.resume
                })
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
                yield* Hello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                  limits: opts.limits?.hello
                })

                break
              }
              case 2: {
                yield* Want.codec().stream(reader, reader.uint32(), `${prefix}.want`, {
                  limits: opts.limits?.want
                })

                break
              }
              case 3: {
                yield* Have.codec().stream(reader, reader.uint32(), `${prefix}.have`, {
                  limits: opts.limits?.have
                })

                break
              }
              case 4: {
                yield* Grant.codec().stream(reader, reader.uint32(), `${prefix}.grant`, {
                  limits: opts.limits?.grant
                })

                break
              }
              case 5: {
                yield* Offer.codec().stream(reader, reader.uint32(), `${prefix}.offer`, {
                  limits: opts.limits?.offer
                })

                break
              }
              case 6: {
                yield* Request.codec().stream(reader, reader.uint32(), `${prefix}.request`, {
                  limits: opts.limits?.request
                })

                break
              }
              case 7: {
                yield* Pass.codec().stream(reader, reader.uint32(), `${prefix}.pass`, {
                  limits: opts.limits?.pass
                })

                break
              }
              case 8: {
                yield* Cancel.codec().stream(reader, reader.uint32(), `${prefix}.cancel`, {
                  limits: opts.limits?.cancel
                })

                break
              }
              case 9: {
                yield* Reject.codec().stream(reader, reader.uint32(), `${prefix}.reject`, {
                  limits: opts.limits?.reject
                })

                break
              }
              case 10: {
                yield* GetNodes.codec().stream(reader, reader.uint32(), `${prefix}.getNodes`, {
                  limits: opts.limits?.getNodes
                })

                break
              }
              case 11: {
                yield* Ack.codec().stream(reader, reader.uint32(), `${prefix}.ack`, {
                  limits: opts.limits?.ack
                })

                break
              }
              case 12: {
                yield* Channel.codec().stream(reader, reader.uint32(), `${prefix}.channel`, {
                  limits: opts.limits?.channel
                })

                break
              }
              case 13: {
                yield* Channel.codec().stream(reader, reader.uint32(), `${prefix}.channelReply`, {
                  limits: opts.limits?.channelReply
                })

                break
              }
              case 14: {
                yield* End.codec().stream(reader, reader.uint32(), `${prefix}.end`, {
                  limits: opts.limits?.end
                })

                break
              }
              case 15: {
                yield* Resume.codec().stream(reader, reader.uint32(), `${prefix}.resume`, {
                  limits: opts.limits?.resume
                })

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

  export interface ControlHelloRootFieldEvent {
    field: '$.hello.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlHelloLaneFieldEvent {
    field: '$.hello.lane'
    value: Lane
  }

  export interface ControlHelloSessionFieldEvent {
    field: '$.hello.session'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlHelloMovesFieldEvent {
    field: '$.hello.moves'
    value: boolean
  }

  export interface ControlHelloMoveFieldEvent {
    field: '$.hello.move'
    value: number
  }

  export interface ControlHelloHeardFieldEvent {
    field: '$.hello.heard'
    value: number
  }

  export interface ControlWantRangesFieldEvent {
    field: '$.want.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlWantUrgentFieldEvent {
    field: '$.want.urgent'
    value: boolean
  }

  export interface ControlWantAddsFieldEvent {
    field: '$.want.adds'
    value: boolean
  }

  export interface ControlHaveRangesFieldEvent {
    field: '$.have.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlGrantLeavesFieldEvent {
    field: '$.grant.leaves'
    value: number
  }

  export interface ControlOfferRangesFieldEvent {
    field: '$.offer.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlRequestRunsLeafFieldEvent {
    field: '$.request.runs[].leaf'
    value: number
    index: number
  }

  export interface ControlRequestRunsFirstFieldEvent {
    field: '$.request.runs[].first'
    value: number
    index: number
  }

  export interface ControlRequestRunsCountFieldEvent {
    field: '$.request.runs[].count'
    value: number
    index: number
  }

  export interface ControlPassRangesFieldEvent {
    field: '$.pass.ranges'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlCancelRunsLeafFieldEvent {
    field: '$.cancel.runs[].leaf'
    value: number
    index: number
  }

  export interface ControlCancelRunsFirstFieldEvent {
    field: '$.cancel.runs[].first'
    value: number
    index: number
  }

  export interface ControlCancelRunsCountFieldEvent {
    field: '$.cancel.runs[].count'
    value: number
    index: number
  }

  export interface ControlRejectReasonFieldEvent {
    field: '$.reject.reason'
    value: Reason
  }

  export interface ControlRejectRunsLeafFieldEvent {
    field: '$.reject.runs[].leaf'
    value: number
    index: number
  }

  export interface ControlRejectRunsFirstFieldEvent {
    field: '$.reject.runs[].first'
    value: number
    index: number
  }

  export interface ControlRejectRunsCountFieldEvent {
    field: '$.reject.runs[].count'
    value: number
    index: number
  }

  export interface ControlRejectNodesFieldEvent {
    field: '$.reject.nodes'
    value: number
  }

  export interface ControlGetNodesIdFieldEvent {
    field: '$.getNodes.id'
    value: number
  }

  export interface ControlGetNodesCidsFieldEvent {
    field: '$.getNodes.cids[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlAckBytesFieldEvent {
    field: '$.ack.bytes'
    value: number
  }

  export interface ControlAckMoveFieldEvent {
    field: '$.ack.move'
    value: number
  }

  export interface ControlAckLastFieldEvent {
    field: '$.ack.last'
    value: boolean
  }

  export interface ControlAckHeardFieldEvent {
    field: '$.ack.heard'
    value: number
  }

  export interface ControlChannelStepFieldEvent {
    field: '$.channel.step'
    value: ChannelStep
  }

  export interface ControlChannelIdFieldEvent {
    field: '$.channel.id'
    value: number
  }

  export interface ControlChannelTokenFieldEvent {
    field: '$.channel.token'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlChannelPortFieldEvent {
    field: '$.channel.port'
    value: number
  }

  export interface ControlChannelReplyStepFieldEvent {
    field: '$.channelReply.step'
    value: ChannelStep
  }

  export interface ControlChannelReplyIdFieldEvent {
    field: '$.channelReply.id'
    value: number
  }

  export interface ControlChannelReplyTokenFieldEvent {
    field: '$.channelReply.token'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ControlChannelReplyPortFieldEvent {
    field: '$.channelReply.port'
    value: number
  }

  export interface ControlResumePlaceFieldEvent {
    field: '$.resume.place'
    value: number
  }

  export function encode(obj: Partial<Control>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Control.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Control>): Control {
    return decodeMessage(buf, Control.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Control>
  ): Generator<
    | ControlHelloRootFieldEvent
    | ControlHelloLaneFieldEvent
    | ControlHelloSessionFieldEvent
    | ControlHelloMovesFieldEvent
    | ControlHelloMoveFieldEvent
    | ControlHelloHeardFieldEvent
    | ControlWantRangesFieldEvent
    | ControlWantUrgentFieldEvent
    | ControlWantAddsFieldEvent
    | ControlHaveRangesFieldEvent
    | ControlGrantLeavesFieldEvent
    | ControlOfferRangesFieldEvent
    | ControlRequestRunsLeafFieldEvent
    | ControlRequestRunsFirstFieldEvent
    | ControlRequestRunsCountFieldEvent
    | ControlPassRangesFieldEvent
    | ControlCancelRunsLeafFieldEvent
    | ControlCancelRunsFirstFieldEvent
    | ControlCancelRunsCountFieldEvent
    | ControlRejectReasonFieldEvent
    | ControlRejectRunsLeafFieldEvent
    | ControlRejectRunsFirstFieldEvent
    | ControlRejectRunsCountFieldEvent
    | ControlRejectNodesFieldEvent
    | ControlGetNodesIdFieldEvent
    | ControlGetNodesCidsFieldEvent
    | ControlAckBytesFieldEvent
    | ControlAckMoveFieldEvent
    | ControlAckLastFieldEvent
    | ControlAckHeardFieldEvent
    | ControlChannelStepFieldEvent
    | ControlChannelIdFieldEvent
    | ControlChannelTokenFieldEvent
    | ControlChannelPortFieldEvent
    | ControlChannelReplyStepFieldEvent
    | ControlChannelReplyIdFieldEvent
    | ControlChannelReplyTokenFieldEvent
    | ControlChannelReplyPortFieldEvent
    | ControlResumePlaceFieldEvent
  > {
    return streamMessage(buf, Control.codec(), opts)
  }
}

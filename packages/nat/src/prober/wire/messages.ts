// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Observed {
  address?: Uint8Array<ArrayBuffer>
  time: bigint
}

export namespace Observed {
  let _codec: Codec<Observed>

  export const codec = (): Codec<Observed> => {
    if (_codec == null) {
      _codec = message<Observed>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.address != null) {
            w.uint32(10)
            w.bytes(obj.address)
          }

          if (obj.time != null && obj.time !== 0n) {
            w.uint32(16)
            w.uint64(obj.time)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            time: 0n
          }

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
                  throw new RangeError('Decode error - field "time" came twice')
                }
                seen |= 0x4

                obj.time = reader.uint64()
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
                  field: `${prefix}.time`,
                  value: reader.uint64()
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

  export interface ObservedAddressFieldEvent {
    field: '$.address'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ObservedTimeFieldEvent {
    field: '$.time'
    value: bigint
  }

  export function encode(obj: Partial<Observed>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Observed.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Observed>): Observed {
    return decodeMessage(buf, Observed.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Observed>
  ): Generator<ObservedAddressFieldEvent | ObservedTimeFieldEvent> {
    return streamMessage(buf, Observed.codec(), opts)
  }
}

export interface StunQuery {
  port?: number
  transaction?: Uint8Array<ArrayBuffer>
}

export namespace StunQuery {
  let _codec: Codec<StunQuery>

  export const codec = (): Codec<StunQuery> => {
    if (_codec == null) {
      _codec = message<StunQuery>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.port != null) {
            w.uint32(8)
            w.uint32(obj.port)
          }

          if (obj.transaction != null) {
            w.uint32(18)
            w.bytes(obj.transaction)
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
                  throw new RangeError('Decode error - field "port" came twice')
                }
                seen |= 0x2

                obj.port = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "transaction" came twice')
                }
                seen |= 0x4

                obj.transaction = reader.bytes()
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
                  field: `${prefix}.port`,
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.transaction`,
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

  export interface StunQueryPortFieldEvent {
    field: '$.port'
    value: number
  }

  export interface StunQueryTransactionFieldEvent {
    field: '$.transaction'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<StunQuery>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StunQuery.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StunQuery>): StunQuery {
    return decodeMessage(buf, StunQuery.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StunQuery>
  ): Generator<StunQueryPortFieldEvent | StunQueryTransactionFieldEvent> {
    return streamMessage(buf, StunQuery.codec(), opts)
  }
}

export interface StunEndpoint {
  family: StunEndpoint.Family
  port: number
  otherPort?: number
  otherHost?: Uint8Array<ArrayBuffer>
}

export namespace StunEndpoint {
  export enum Family {
    UNSPECIFIED = 'UNSPECIFIED',
    IP4 = 'IP4',
    IP6 = 'IP6'
  }

  enum __FamilyValues {
    UNSPECIFIED = 0,
    IP4 = 1,
    IP6 = 2
  }

  export namespace Family {
    let _codec: Codec<Family>

    export const codec = (): Codec<Family> => {
      return (_codec ??= enumeration<Family>(__FamilyValues))
    }
  }

  let _codec: Codec<StunEndpoint>

  export const codec = (): Codec<StunEndpoint> => {
    if (_codec == null) {
      _codec = message<StunEndpoint>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.family != null && __FamilyValues[obj.family] !== 0) {
            w.uint32(8)
            StunEndpoint.Family.codec().encode(obj.family, w)
          }

          if (obj.port != null && obj.port !== 0) {
            w.uint32(16)
            w.uint32(obj.port)
          }

          if (obj.otherPort != null) {
            w.uint32(24)
            w.uint32(obj.otherPort)
          }

          if (obj.otherHost != null) {
            w.uint32(34)
            w.bytes(obj.otherHost)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            family: Family.UNSPECIFIED,
            port: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "family" came twice')
                }
                seen |= 0x2

                obj.family = StunEndpoint.Family.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "port" came twice')
                }
                seen |= 0x4

                obj.port = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "otherPort" came twice')
                }
                seen |= 0x8

                obj.otherPort = reader.uint32()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "otherHost" came twice')
                }
                seen |= 0x10

                obj.otherHost = reader.bytes()
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
                  field: `${prefix}.family`,
                  value: StunEndpoint.Family.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.port`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.otherPort`,
                  value: reader.uint32()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.otherHost`,
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

  export interface StunEndpointFamilyFieldEvent {
    field: '$.family'
    value: StunEndpoint.Family
  }

  export interface StunEndpointPortFieldEvent {
    field: '$.port'
    value: number
  }

  export interface StunEndpointOtherPortFieldEvent {
    field: '$.otherPort'
    value: number
  }

  export interface StunEndpointOtherHostFieldEvent {
    field: '$.otherHost'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<StunEndpoint>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StunEndpoint.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StunEndpoint>): StunEndpoint {
    return decodeMessage(buf, StunEndpoint.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StunEndpoint>
  ): Generator<
    | StunEndpointFamilyFieldEvent
    | StunEndpointPortFieldEvent
    | StunEndpointOtherPortFieldEvent
    | StunEndpointOtherHostFieldEvent
  > {
    return streamMessage(buf, StunEndpoint.codec(), opts)
  }
}

export interface StunInfo {
  endpoints: StunEndpoint[]
  knocked: boolean
}

export namespace StunInfo {
  let _codec: Codec<StunInfo>

  export const codec = (): Codec<StunInfo> => {
    if (_codec == null) {
      _codec = message<StunInfo>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.endpoints != null && obj.endpoints.length > 0) {
            for (const value of obj.endpoints) {
              w.uint32(10)
              StunEndpoint.codec().encode(value, w)
            }
          }

          if (obj.knocked != null && obj.knocked !== false) {
            w.uint32(16)
            w.bool(obj.knocked)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            endpoints: [],
            knocked: false
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.endpoints != null && obj.endpoints.length === opts.limits.endpoints) {
                  throw new MaxLengthError('Decode error - repeated field "endpoints" had too many elements')
                }

                obj.endpoints.push(
                  StunEndpoint.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.endpoints$
                  })
                )
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "knocked" came twice')
                }
                seen |= 0x4

                obj.knocked = reader.bool()
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
            endpoints: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.endpoints != null && obj.endpoints === opts.limits.endpoints) {
                  throw new MaxLengthError('Streaming decode error - repeated field "endpoints" had too many elements')
                }

                for (const evt of StunEndpoint.codec().stream(reader, reader.uint32(), `${prefix}.endpoints[]`, {
                  limits: opts.limits?.endpoints$
                })) {
                  yield {
                    ...evt,
                    index: obj.endpoints
                  }
                }

                obj.endpoints++

                break
              }
              case 2: {
                yield {
                  field: `${prefix}.knocked`,
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

  export interface StunInfoEndpointsFamilyFieldEvent {
    field: '$.endpoints[].family'
    value: StunEndpoint.Family
    index: number
  }

  export interface StunInfoEndpointsPortFieldEvent {
    field: '$.endpoints[].port'
    value: number
    index: number
  }

  export interface StunInfoEndpointsOtherPortFieldEvent {
    field: '$.endpoints[].otherPort'
    value: number
    index: number
  }

  export interface StunInfoEndpointsOtherHostFieldEvent {
    field: '$.endpoints[].otherHost'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface StunInfoKnockedFieldEvent {
    field: '$.knocked'
    value: boolean
  }

  export function encode(obj: Partial<StunInfo>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StunInfo.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<StunInfo>): StunInfo {
    return decodeMessage(buf, StunInfo.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StunInfo>
  ): Generator<
    | StunInfoEndpointsFamilyFieldEvent
    | StunInfoEndpointsPortFieldEvent
    | StunInfoEndpointsOtherPortFieldEvent
    | StunInfoEndpointsOtherHostFieldEvent
    | StunInfoKnockedFieldEvent
  > {
    return streamMessage(buf, StunInfo.codec(), opts)
  }
}

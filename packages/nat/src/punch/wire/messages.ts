// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Punch {
  type: Punch.Type
  attempt: Uint8Array<ArrayBuffer>
  secret: Uint8Array<ArrayBuffer>
  candidates: Candidate[]
  nats: Nat[]
  streamIds: number[]
  ways: number[]
  refusal: Punch.Refusal
}

export namespace Punch {
  export enum Type {
    UNSPECIFIED = 'UNSPECIFIED',
    ASK = 'ASK',
    ANSWER = 'ANSWER',
    GO = 'GO',
    REFUSED = 'REFUSED'
  }

  enum __TypeValues {
    UNSPECIFIED = 0,
    ASK = 1,
    ANSWER = 2,
    GO = 3,
    REFUSED = 4
  }

  export namespace Type {
    let _codec: Codec<Type>

    export const codec = (): Codec<Type> => {
      return (_codec ??= enumeration<Type>(__TypeValues))
    }
  }

  export enum Refusal {
    NONE = 'NONE',
    SUPERSEDED = 'SUPERSEDED',
    BUSY = 'BUSY'
  }

  enum __RefusalValues {
    NONE = 0,
    SUPERSEDED = 1,
    BUSY = 2
  }

  export namespace Refusal {
    let _codec: Codec<Refusal>

    export const codec = (): Codec<Refusal> => {
      return (_codec ??= enumeration<Refusal>(__RefusalValues))
    }
  }

  let _codec: Codec<Punch>

  export const codec = (): Codec<Punch> => {
    if (_codec == null) {
      _codec = message<Punch>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.type != null && __TypeValues[obj.type] !== 0) {
            w.uint32(8)
            Punch.Type.codec().encode(obj.type, w)
          }

          if (obj.attempt != null && obj.attempt.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.attempt)
          }

          if (obj.secret != null && obj.secret.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.secret)
          }

          if (obj.candidates != null && obj.candidates.length > 0) {
            for (const value of obj.candidates) {
              w.uint32(34)
              Candidate.codec().encode(value, w)
            }
          }

          if (obj.nats != null && obj.nats.length > 0) {
            for (const value of obj.nats) {
              w.uint32(42)
              Nat.codec().encode(value, w)
            }
          }

          if (obj.streamIds != null && obj.streamIds.length > 0) {
            for (const value of obj.streamIds) {
              w.uint32(48)
              w.uint32(value)
            }
          }

          if (obj.ways != null && obj.ways.length > 0) {
            for (const value of obj.ways) {
              w.uint32(56)
              w.uint32(value)
            }
          }

          if (obj.refusal != null && __RefusalValues[obj.refusal] !== 0) {
            w.uint32(64)
            Punch.Refusal.codec().encode(obj.refusal, w)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            type: Type.UNSPECIFIED,
            attempt: uint8ArrayAlloc(0),
            secret: uint8ArrayAlloc(0),
            candidates: [],
            nats: [],
            streamIds: [],
            ways: [],
            refusal: Refusal.NONE
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "type" came twice')
                }
                seen |= 0x2

                obj.type = Punch.Type.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "attempt" came twice')
                }
                seen |= 0x4

                obj.attempt = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "secret" came twice')
                }
                seen |= 0x8

                obj.secret = reader.bytes()
                break
              }
              case 4: {
                if (opts.limits?.candidates != null && obj.candidates.length === opts.limits.candidates) {
                  throw new MaxLengthError('Decode error - repeated field "candidates" had too many elements')
                }

                obj.candidates.push(
                  Candidate.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.candidates$
                  })
                )
                break
              }
              case 5: {
                if (opts.limits?.nats != null && obj.nats.length === opts.limits.nats) {
                  throw new MaxLengthError('Decode error - repeated field "nats" had too many elements')
                }

                obj.nats.push(
                  Nat.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.nats$
                  })
                )
                break
              }
              case 6: {
                if (opts.limits?.streamIds != null && obj.streamIds.length === opts.limits.streamIds) {
                  throw new MaxLengthError('Decode error - repeated field "streamIds" had too many elements')
                }

                obj.streamIds.push(reader.uint32())
                break
              }
              case 7: {
                if (opts.limits?.ways != null && obj.ways.length === opts.limits.ways) {
                  throw new MaxLengthError('Decode error - repeated field "ways" had too many elements')
                }

                obj.ways.push(reader.uint32())
                break
              }
              case 8: {
                if ((seen & 0x100) !== 0) {
                  throw new RangeError('Decode error - field "refusal" came twice')
                }
                seen |= 0x100

                obj.refusal = Punch.Refusal.codec().decode(reader)
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
            candidates: 0,
            nats: 0,
            streamIds: 0,
            ways: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.type`,
                  value: Punch.Type.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.attempt`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.secret`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                if (opts.limits?.candidates != null && obj.candidates === opts.limits.candidates) {
                  throw new MaxLengthError('Streaming decode error - repeated field "candidates" had too many elements')
                }

                for (const evt of Candidate.codec().stream(reader, reader.uint32(), `${prefix}.candidates[]`, {
                  limits: opts.limits?.candidates$
                })) {
                  yield {
                    ...evt,
                    index: obj.candidates
                  }
                }

                obj.candidates++

                break
              }
              case 5: {
                if (opts.limits?.nats != null && obj.nats === opts.limits.nats) {
                  throw new MaxLengthError('Streaming decode error - repeated field "nats" had too many elements')
                }

                for (const evt of Nat.codec().stream(reader, reader.uint32(), `${prefix}.nats[]`, {
                  limits: opts.limits?.nats$
                })) {
                  yield {
                    ...evt,
                    index: obj.nats
                  }
                }

                obj.nats++

                break
              }
              case 6: {
                if (opts.limits?.streamIds != null && obj.streamIds === opts.limits.streamIds) {
                  throw new MaxLengthError('Streaming decode error - repeated field "streamIds" had too many elements')
                }

                yield {
                  field: `${prefix}.streamIds[]`,
                  index: obj.streamIds,
                  value: reader.uint32()
                }

                obj.streamIds++

                break
              }
              case 7: {
                if (opts.limits?.ways != null && obj.ways === opts.limits.ways) {
                  throw new MaxLengthError('Streaming decode error - repeated field "ways" had too many elements')
                }

                yield {
                  field: `${prefix}.ways[]`,
                  index: obj.ways,
                  value: reader.uint32()
                }

                obj.ways++

                break
              }
              case 8: {
                yield {
                  field: `${prefix}.refusal`,
                  value: Punch.Refusal.codec().decode(reader)
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

  export interface PunchTypeFieldEvent {
    field: '$.type'
    value: Punch.Type
  }

  export interface PunchAttemptFieldEvent {
    field: '$.attempt'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PunchSecretFieldEvent {
    field: '$.secret'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PunchCandidatesKindFieldEvent {
    field: '$.candidates[].kind'
    value: number
    index: number
  }

  export interface PunchCandidatesTransportFieldEvent {
    field: '$.candidates[].transport'
    value: Candidate.Transport
    index: number
  }

  export interface PunchCandidatesHostFieldEvent {
    field: '$.candidates[].host'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PunchCandidatesPortFieldEvent {
    field: '$.candidates[].port'
    value: number
    index: number
  }

  export interface PunchNatsFamilyFieldEvent {
    field: '$.nats[].family'
    value: number
    index: number
  }

  export interface PunchNatsUdpFieldEvent {
    field: '$.nats[].udp'
    value: boolean
    index: number
  }

  export interface PunchNatsMappingFieldEvent {
    field: '$.nats[].mapping'
    value: Nat.Behaviour
    index: number
  }

  export interface PunchNatsFilteringFieldEvent {
    field: '$.nats[].filtering'
    value: Nat.Behaviour
    index: number
  }

  export interface PunchNatsPoolLowFieldEvent {
    field: '$.nats[].poolLow'
    value: number
    index: number
  }

  export interface PunchNatsPoolHighFieldEvent {
    field: '$.nats[].poolHigh'
    value: number
    index: number
  }

  export interface PunchNatsChangesPortsFieldEvent {
    field: '$.nats[].changesPorts'
    value: boolean
    index: number
  }

  export interface PunchStreamIdsFieldEvent {
    field: '$.streamIds[]'
    index: number
    value: number
  }

  export interface PunchWaysFieldEvent {
    field: '$.ways[]'
    index: number
    value: number
  }

  export interface PunchRefusalFieldEvent {
    field: '$.refusal'
    value: Punch.Refusal
  }

  export function encode(obj: Partial<Punch>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Punch.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Punch>): Punch {
    return decodeMessage(buf, Punch.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Punch>
  ): Generator<
    | PunchTypeFieldEvent
    | PunchAttemptFieldEvent
    | PunchSecretFieldEvent
    | PunchCandidatesKindFieldEvent
    | PunchCandidatesTransportFieldEvent
    | PunchCandidatesHostFieldEvent
    | PunchCandidatesPortFieldEvent
    | PunchNatsFamilyFieldEvent
    | PunchNatsUdpFieldEvent
    | PunchNatsMappingFieldEvent
    | PunchNatsFilteringFieldEvent
    | PunchNatsPoolLowFieldEvent
    | PunchNatsPoolHighFieldEvent
    | PunchNatsChangesPortsFieldEvent
    | PunchStreamIdsFieldEvent
    | PunchWaysFieldEvent
    | PunchRefusalFieldEvent
  > {
    return streamMessage(buf, Punch.codec(), opts)
  }
}

export interface Candidate {
  kind: number
  transport: Candidate.Transport
  host: Uint8Array<ArrayBuffer>
  port: number
}

export namespace Candidate {
  export enum Transport {
    TRANSPORT_UNSPECIFIED = 'TRANSPORT_UNSPECIFIED',
    UDP = 'UDP',
    TCP = 'TCP'
  }

  enum __TransportValues {
    TRANSPORT_UNSPECIFIED = 0,
    UDP = 1,
    TCP = 2
  }

  export namespace Transport {
    let _codec: Codec<Transport>

    export const codec = (): Codec<Transport> => {
      return (_codec ??= enumeration<Transport>(__TransportValues))
    }
  }

  let _codec: Codec<Candidate>

  export const codec = (): Codec<Candidate> => {
    if (_codec == null) {
      _codec = message<Candidate>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.kind != null && obj.kind !== 0) {
            w.uint32(8)
            w.uint32(obj.kind)
          }

          if (obj.transport != null && __TransportValues[obj.transport] !== 0) {
            w.uint32(16)
            Candidate.Transport.codec().encode(obj.transport, w)
          }

          if (obj.host != null && obj.host.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.host)
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
            kind: 0,
            transport: Transport.TRANSPORT_UNSPECIFIED,
            host: uint8ArrayAlloc(0),
            port: 0
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

                obj.kind = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "transport" came twice')
                }
                seen |= 0x4

                obj.transport = Candidate.Transport.codec().decode(reader)
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "host" came twice')
                }
                seen |= 0x8

                obj.host = reader.bytes()
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
                  field: `${prefix}.kind`,
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.transport`,
                  value: Candidate.Transport.codec().decode(reader)
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.host`,
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

  export interface CandidateKindFieldEvent {
    field: '$.kind'
    value: number
  }

  export interface CandidateTransportFieldEvent {
    field: '$.transport'
    value: Candidate.Transport
  }

  export interface CandidateHostFieldEvent {
    field: '$.host'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CandidatePortFieldEvent {
    field: '$.port'
    value: number
  }

  export function encode(obj: Partial<Candidate>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Candidate.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Candidate>): Candidate {
    return decodeMessage(buf, Candidate.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Candidate>
  ): Generator<
    CandidateKindFieldEvent | CandidateTransportFieldEvent | CandidateHostFieldEvent | CandidatePortFieldEvent
  > {
    return streamMessage(buf, Candidate.codec(), opts)
  }
}

export interface Nat {
  family: number
  udp: boolean
  mapping: Nat.Behaviour
  filtering: Nat.Behaviour
  poolLow: number
  poolHigh: number
  changesPorts: boolean
}

export namespace Nat {
  export enum Behaviour {
    UNKNOWN = 'UNKNOWN',
    NO_NAT = 'NO_NAT',
    ENDPOINT_INDEPENDENT = 'ENDPOINT_INDEPENDENT',
    ADDRESS_DEPENDENT = 'ADDRESS_DEPENDENT',
    ADDRESS_AND_PORT_DEPENDENT = 'ADDRESS_AND_PORT_DEPENDENT'
  }

  enum __BehaviourValues {
    UNKNOWN = 0,
    NO_NAT = 1,
    ENDPOINT_INDEPENDENT = 2,
    ADDRESS_DEPENDENT = 3,
    ADDRESS_AND_PORT_DEPENDENT = 4
  }

  export namespace Behaviour {
    let _codec: Codec<Behaviour>

    export const codec = (): Codec<Behaviour> => {
      return (_codec ??= enumeration<Behaviour>(__BehaviourValues))
    }
  }

  let _codec: Codec<Nat>

  export const codec = (): Codec<Nat> => {
    if (_codec == null) {
      _codec = message<Nat>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.family != null && obj.family !== 0) {
            w.uint32(8)
            w.uint32(obj.family)
          }

          if (obj.udp != null && obj.udp !== false) {
            w.uint32(16)
            w.bool(obj.udp)
          }

          if (obj.mapping != null && __BehaviourValues[obj.mapping] !== 0) {
            w.uint32(24)
            Nat.Behaviour.codec().encode(obj.mapping, w)
          }

          if (obj.filtering != null && __BehaviourValues[obj.filtering] !== 0) {
            w.uint32(32)
            Nat.Behaviour.codec().encode(obj.filtering, w)
          }

          if (obj.poolLow != null && obj.poolLow !== 0) {
            w.uint32(40)
            w.uint32(obj.poolLow)
          }

          if (obj.poolHigh != null && obj.poolHigh !== 0) {
            w.uint32(48)
            w.uint32(obj.poolHigh)
          }

          if (obj.changesPorts != null && obj.changesPorts !== false) {
            w.uint32(56)
            w.bool(obj.changesPorts)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            family: 0,
            udp: false,
            mapping: Behaviour.UNKNOWN,
            filtering: Behaviour.UNKNOWN,
            poolLow: 0,
            poolHigh: 0,
            changesPorts: false
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

                obj.family = reader.uint32()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "udp" came twice')
                }
                seen |= 0x4

                obj.udp = reader.bool()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "mapping" came twice')
                }
                seen |= 0x8

                obj.mapping = Nat.Behaviour.codec().decode(reader)
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "filtering" came twice')
                }
                seen |= 0x10

                obj.filtering = Nat.Behaviour.codec().decode(reader)
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "poolLow" came twice')
                }
                seen |= 0x20

                obj.poolLow = reader.uint32()
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "poolHigh" came twice')
                }
                seen |= 0x40

                obj.poolHigh = reader.uint32()
                break
              }
              case 7: {
                if ((seen & 0x80) !== 0) {
                  throw new RangeError('Decode error - field "changesPorts" came twice')
                }
                seen |= 0x80

                obj.changesPorts = reader.bool()
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
                  value: reader.uint32()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.udp`,
                  value: reader.bool()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.mapping`,
                  value: Nat.Behaviour.codec().decode(reader)
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.filtering`,
                  value: Nat.Behaviour.codec().decode(reader)
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.poolLow`,
                  value: reader.uint32()
                }
                break
              }
              case 6: {
                yield {
                  field: `${prefix}.poolHigh`,
                  value: reader.uint32()
                }
                break
              }
              case 7: {
                yield {
                  field: `${prefix}.changesPorts`,
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

  export interface NatFamilyFieldEvent {
    field: '$.family'
    value: number
  }

  export interface NatUdpFieldEvent {
    field: '$.udp'
    value: boolean
  }

  export interface NatMappingFieldEvent {
    field: '$.mapping'
    value: Nat.Behaviour
  }

  export interface NatFilteringFieldEvent {
    field: '$.filtering'
    value: Nat.Behaviour
  }

  export interface NatPoolLowFieldEvent {
    field: '$.poolLow'
    value: number
  }

  export interface NatPoolHighFieldEvent {
    field: '$.poolHigh'
    value: number
  }

  export interface NatChangesPortsFieldEvent {
    field: '$.changesPorts'
    value: boolean
  }

  export function encode(obj: Partial<Nat>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Nat.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Nat>): Nat {
    return decodeMessage(buf, Nat.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Nat>
  ): Generator<
    | NatFamilyFieldEvent
    | NatUdpFieldEvent
    | NatMappingFieldEvent
    | NatFilteringFieldEvent
    | NatPoolLowFieldEvent
    | NatPoolHighFieldEvent
    | NatChangesPortsFieldEvent
  > {
    return streamMessage(buf, Nat.codec(), opts)
  }
}

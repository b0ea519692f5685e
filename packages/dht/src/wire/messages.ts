// @ts-nocheck generated from messages.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export enum MessageType {
  PUT_VALUE = 'PUT_VALUE',
  GET_VALUE = 'GET_VALUE',
  ADD_PROVIDER = 'ADD_PROVIDER',
  GET_PROVIDERS = 'GET_PROVIDERS',
  FIND_NODE = 'FIND_NODE',
  PING = 'PING'
}

enum __MessageTypeValues {
  PUT_VALUE = 0,
  GET_VALUE = 1,
  ADD_PROVIDER = 2,
  GET_PROVIDERS = 3,
  FIND_NODE = 4,
  PING = 5
}

export namespace MessageType {
  let _codec: Codec<MessageType>

  export const codec = (): Codec<MessageType> => {
    return (_codec ??= enumeration<MessageType>(__MessageTypeValues))
  }
}

export enum ConnectionType {
  NOT_CONNECTED = 'NOT_CONNECTED',
  CONNECTED = 'CONNECTED',
  CAN_CONNECT = 'CAN_CONNECT',
  CANNOT_CONNECT = 'CANNOT_CONNECT'
}

enum __ConnectionTypeValues {
  NOT_CONNECTED = 0,
  CONNECTED = 1,
  CAN_CONNECT = 2,
  CANNOT_CONNECT = 3
}

export namespace ConnectionType {
  let _codec: Codec<ConnectionType>

  export const codec = (): Codec<ConnectionType> => {
    return (_codec ??= enumeration<ConnectionType>(__ConnectionTypeValues))
  }
}

export interface PeerRecord {
  id: Uint8Array<ArrayBuffer>
  multiaddrs: Uint8Array<ArrayBuffer>[]
  connection?: ConnectionType
}

export namespace PeerRecord {
  let _codec: Codec<PeerRecord>

  export const codec = (): Codec<PeerRecord> => {
    if (_codec == null) {
      _codec = message<PeerRecord>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.id != null && obj.id.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.id)
          }

          if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
            for (const value of obj.multiaddrs) {
              w.uint32(18)
              w.bytes(value)
            }
          }

          if (obj.connection != null) {
            w.uint32(24)
            ConnectionType.codec().encode(obj.connection, w)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            id: uint8ArrayAlloc(0),
            multiaddrs: []
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

                obj.id = reader.bytes()
                break
              }
              case 2: {
                if (opts.limits?.multiaddrs != null && obj.multiaddrs.length === opts.limits.multiaddrs) {
                  throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
                }

                obj.multiaddrs.push(reader.bytes())
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "connection" came twice')
                }
                seen |= 0x8

                obj.connection = ConnectionType.codec().decode(reader)
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
            multiaddrs: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.id`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                if (opts.limits?.multiaddrs != null && obj.multiaddrs === opts.limits.multiaddrs) {
                  throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
                }

                yield {
                  field: `${prefix}.multiaddrs[]`,
                  index: obj.multiaddrs,
                  value: reader.bytes()
                }

                obj.multiaddrs++

                break
              }
              case 3: {
                yield {
                  field: `${prefix}.connection`,
                  value: ConnectionType.codec().decode(reader)
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

  export interface PeerRecordIdFieldEvent {
    field: '$.id'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PeerRecordMultiaddrsFieldEvent {
    field: '$.multiaddrs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface PeerRecordConnectionFieldEvent {
    field: '$.connection'
    value: ConnectionType
  }

  export function encode(obj: Partial<PeerRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerRecord.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerRecord>): PeerRecord {
    return decodeMessage(buf, PeerRecord.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<PeerRecord>
  ): Generator<PeerRecordIdFieldEvent | PeerRecordMultiaddrsFieldEvent | PeerRecordConnectionFieldEvent> {
    return streamMessage(buf, PeerRecord.codec(), opts)
  }
}

export interface KadMessage {
  type: MessageType
  key?: Uint8Array<ArrayBuffer>
  record?: Uint8Array<ArrayBuffer>
  closer: PeerRecord[]
  providers: PeerRecord[]
  clusterLevel?: number
}

export namespace KadMessage {
  let _codec: Codec<KadMessage>

  export const codec = (): Codec<KadMessage> => {
    if (_codec == null) {
      _codec = message<KadMessage>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.type != null && __MessageTypeValues[obj.type] !== 0) {
            w.uint32(8)
            MessageType.codec().encode(obj.type, w)
          }

          if (obj.key != null) {
            w.uint32(18)
            w.bytes(obj.key)
          }

          if (obj.record != null) {
            w.uint32(26)
            w.bytes(obj.record)
          }

          if (obj.closer != null && obj.closer.length > 0) {
            for (const value of obj.closer) {
              w.uint32(66)
              PeerRecord.codec().encode(value, w)
            }
          }

          if (obj.providers != null && obj.providers.length > 0) {
            for (const value of obj.providers) {
              w.uint32(74)
              PeerRecord.codec().encode(value, w)
            }
          }

          if (obj.clusterLevel != null) {
            w.uint32(80)
            w.int32(obj.clusterLevel)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            type: MessageType.PUT_VALUE,
            closer: [],
            providers: []
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

                obj.type = MessageType.codec().decode(reader)
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "key" came twice')
                }
                seen |= 0x4

                obj.key = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "record" came twice')
                }
                seen |= 0x8

                obj.record = reader.bytes()
                break
              }
              case 8: {
                if (opts.limits?.closer != null && obj.closer.length === opts.limits.closer) {
                  throw new MaxLengthError('Decode error - repeated field "closer" had too many elements')
                }

                obj.closer.push(
                  PeerRecord.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.closer$
                  })
                )
                break
              }
              case 9: {
                if (opts.limits?.providers != null && obj.providers.length === opts.limits.providers) {
                  throw new MaxLengthError('Decode error - repeated field "providers" had too many elements')
                }

                obj.providers.push(
                  PeerRecord.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.providers$
                  })
                )
                break
              }
              case 10: {
                if ((seen & 0x400) !== 0) {
                  throw new RangeError('Decode error - field "clusterLevel" came twice')
                }
                seen |= 0x400

                obj.clusterLevel = reader.int32()
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
            closer: 0,
            providers: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.type`,
                  value: MessageType.codec().decode(reader)
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.key`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.record`,
                  value: reader.bytes()
                }
                break
              }
              case 8: {
                if (opts.limits?.closer != null && obj.closer === opts.limits.closer) {
                  throw new MaxLengthError('Streaming decode error - repeated field "closer" had too many elements')
                }

                for (const evt of PeerRecord.codec().stream(reader, reader.uint32(), `${prefix}.closer[]`, {
                  limits: opts.limits?.closer$
                })) {
                  yield {
                    ...evt,
                    index: obj.closer
                  }
                }

                obj.closer++

                break
              }
              case 9: {
                if (opts.limits?.providers != null && obj.providers === opts.limits.providers) {
                  throw new MaxLengthError('Streaming decode error - repeated field "providers" had too many elements')
                }

                for (const evt of PeerRecord.codec().stream(reader, reader.uint32(), `${prefix}.providers[]`, {
                  limits: opts.limits?.providers$
                })) {
                  yield {
                    ...evt,
                    index: obj.providers
                  }
                }

                obj.providers++

                break
              }
              case 10: {
                yield {
                  field: `${prefix}.clusterLevel`,
                  value: reader.int32()
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

  export interface KadMessageTypeFieldEvent {
    field: '$.type'
    value: MessageType
  }

  export interface KadMessageKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface KadMessageRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface KadMessageCloserIdFieldEvent {
    field: '$.closer[].id'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface KadMessageCloserMultiaddrsFieldEvent {
    field: '$.closer[].multiaddrs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface KadMessageCloserConnectionFieldEvent {
    field: '$.closer[].connection'
    value: ConnectionType
    index: number
  }

  export interface KadMessageProvidersIdFieldEvent {
    field: '$.providers[].id'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface KadMessageProvidersMultiaddrsFieldEvent {
    field: '$.providers[].multiaddrs[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface KadMessageProvidersConnectionFieldEvent {
    field: '$.providers[].connection'
    value: ConnectionType
    index: number
  }

  export interface KadMessageClusterLevelFieldEvent {
    field: '$.clusterLevel'
    value: number
  }

  export function encode(obj: Partial<KadMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, KadMessage.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<KadMessage>): KadMessage {
    return decodeMessage(buf, KadMessage.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<KadMessage>
  ): Generator<
    | KadMessageTypeFieldEvent
    | KadMessageKeyFieldEvent
    | KadMessageRecordFieldEvent
    | KadMessageCloserIdFieldEvent
    | KadMessageCloserMultiaddrsFieldEvent
    | KadMessageCloserConnectionFieldEvent
    | KadMessageProvidersIdFieldEvent
    | KadMessageProvidersMultiaddrsFieldEvent
    | KadMessageProvidersConnectionFieldEvent
    | KadMessageClusterLevelFieldEvent
  > {
    return streamMessage(buf, KadMessage.codec(), opts)
  }
}

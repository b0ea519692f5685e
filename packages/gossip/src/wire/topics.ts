// @ts-nocheck generated from topics.proto by "npm run generate"
import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Presence {
  kind: Presence.Kind
  addresses: Uint8Array<ArrayBuffer>[]
  have?: Have
  every: number
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
    let _codec: Codec<Kind>

    export const codec = (): Codec<Kind> => {
      return (_codec ??= enumeration<Kind>(__KindValues))
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

          if (obj.have != null) {
            w.uint32(26)
            Have.codec().encode(obj.have, w)
          }

          if (obj.every != null && obj.every !== 0) {
            w.uint32(32)
            w.uint32(obj.every)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            kind: Kind.UNSPECIFIED,
            addresses: [],
            every: 0
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
                  throw new RangeError('Decode error - field "every" came twice')
                }
                seen |= 0x10

                obj.every = reader.uint32()
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
              case 3: {
                yield* Have.codec().stream(reader, reader.uint32(), `${prefix}.have`, {
                  limits: opts.limits?.have
                })

                break
              }
              case 4: {
                yield {
                  field: `${prefix}.every`,
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

  export interface PresenceKindFieldEvent {
    field: '$.kind'
    value: Presence.Kind
  }

  export interface PresenceAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface PresenceHaveLeavesFieldEvent {
    field: '$.have.leaves'
    value: number
  }

  export interface PresenceHaveHeldFieldEvent {
    field: '$.have.held'
    value: number
  }

  export interface PresenceHaveMapFieldEvent {
    field: '$.have.map'
    value: Uint8Array<ArrayBuffer>
  }

  export interface PresenceEveryFieldEvent {
    field: '$.every'
    value: number
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
  ): Generator<
    | PresenceKindFieldEvent
    | PresenceAddressesFieldEvent
    | PresenceHaveLeavesFieldEvent
    | PresenceHaveHeldFieldEvent
    | PresenceHaveMapFieldEvent
    | PresenceEveryFieldEvent
  > {
    return streamMessage(buf, Presence.codec(), opts)
  }
}

export interface Have {
  leaves: number
  held: number
  map: Uint8Array<ArrayBuffer>
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

          if (obj.leaves != null && obj.leaves !== 0) {
            w.uint32(8)
            w.uint32(obj.leaves)
          }

          if (obj.held != null && obj.held !== 0) {
            w.uint32(16)
            w.uint32(obj.held)
          }

          if (obj.map != null && obj.map.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.map)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            leaves: 0,
            held: 0,
            map: uint8ArrayAlloc(0)
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
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "held" came twice')
                }
                seen |= 0x4

                obj.held = reader.uint32()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "map" came twice')
                }
                seen |= 0x8

                obj.map = reader.bytes()
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
              case 2: {
                yield {
                  field: `${prefix}.held`,
                  value: reader.uint32()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.map`,
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

  export interface HaveLeavesFieldEvent {
    field: '$.leaves'
    value: number
  }

  export interface HaveHeldFieldEvent {
    field: '$.held'
    value: number
  }

  export interface HaveMapFieldEvent {
    field: '$.map'
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
  ): Generator<HaveLeavesFieldEvent | HaveHeldFieldEvent | HaveMapFieldEvent> {
    return streamMessage(buf, Have.codec(), opts)
  }
}

export interface NetworkMessage {
  announcement?: Announcement
  question?: Question
}

export namespace NetworkMessage {
  let _codec: Codec<NetworkMessage>

  export const codec = (): Codec<NetworkMessage> => {
    if (_codec == null) {
      _codec = message<NetworkMessage>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.announcement != null) {
            w.uint32(10)
            Announcement.codec().encode(obj.announcement, w)
          }

          if (obj.question != null) {
            w.uint32(18)
            Question.codec().encode(obj.question, w)
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
                  throw new RangeError('Decode error - field "announcement" came twice')
                }
                seen |= 0x2

                obj.announcement = Announcement.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.announcement
                })
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "question" came twice')
                }
                seen |= 0x4

                obj.question = Question.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.question
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
                yield* Announcement.codec().stream(reader, reader.uint32(), `${prefix}.announcement`, {
                  limits: opts.limits?.announcement
                })

                break
              }
              case 2: {
                yield* Question.codec().stream(reader, reader.uint32(), `${prefix}.question`, {
                  limits: opts.limits?.question
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

  export interface NetworkMessageAnnouncementRootFieldEvent {
    field: '$.announcement.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface NetworkMessageAnnouncementNameFieldEvent {
    field: '$.announcement.name'
    value: string
  }

  export interface NetworkMessageAnnouncementBytesFieldEvent {
    field: '$.announcement.bytes'
    value: bigint
  }

  export interface NetworkMessageAnnouncementAddressesFieldEvent {
    field: '$.announcement.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface NetworkMessageQuestionIdFieldEvent {
    field: '$.question.id'
    value: Uint8Array<ArrayBuffer>
  }

  export interface NetworkMessageQuestionTopicFieldEvent {
    field: '$.question.topic'
    value: string
  }

  export interface NetworkMessageQuestionPayloadFieldEvent {
    field: '$.question.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface NetworkMessageQuestionDeadlineMsFieldEvent {
    field: '$.question.deadlineMs'
    value: number
  }

  export interface NetworkMessageQuestionMaxAnswersFieldEvent {
    field: '$.question.maxAnswers'
    value: number
  }

  export function encode(obj: Partial<NetworkMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, NetworkMessage.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<NetworkMessage>): NetworkMessage {
    return decodeMessage(buf, NetworkMessage.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<NetworkMessage>
  ): Generator<
    | NetworkMessageAnnouncementRootFieldEvent
    | NetworkMessageAnnouncementNameFieldEvent
    | NetworkMessageAnnouncementBytesFieldEvent
    | NetworkMessageAnnouncementAddressesFieldEvent
    | NetworkMessageQuestionIdFieldEvent
    | NetworkMessageQuestionTopicFieldEvent
    | NetworkMessageQuestionPayloadFieldEvent
    | NetworkMessageQuestionDeadlineMsFieldEvent
    | NetworkMessageQuestionMaxAnswersFieldEvent
  > {
    return streamMessage(buf, NetworkMessage.codec(), opts)
  }
}

export interface Announcement {
  root: Uint8Array<ArrayBuffer>
  name: string
  bytes: bigint
  addresses: Uint8Array<ArrayBuffer>[]
}

export namespace Announcement {
  let _codec: Codec<Announcement>

  export const codec = (): Codec<Announcement> => {
    if (_codec == null) {
      _codec = message<Announcement>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.root != null && obj.root.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.root)
          }

          if (obj.name != null && obj.name !== '') {
            w.uint32(18)
            w.string(obj.name)
          }

          if (obj.bytes != null && obj.bytes !== 0n) {
            w.uint32(24)
            w.uint64(obj.bytes)
          }

          if (obj.addresses != null && obj.addresses.length > 0) {
            for (const value of obj.addresses) {
              w.uint32(34)
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
            root: uint8ArrayAlloc(0),
            name: '',
            bytes: 0n,
            addresses: []
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
                  throw new RangeError('Decode error - field "name" came twice')
                }
                seen |= 0x4

                obj.name = reader.string()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "bytes" came twice')
                }
                seen |= 0x8

                obj.bytes = reader.uint64()
                break
              }
              case 4: {
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
                  field: `${prefix}.root`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.name`,
                  value: reader.string()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.bytes`,
                  value: reader.uint64()
                }
                break
              }
              case 4: {
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

  export interface AnnouncementRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnnouncementNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface AnnouncementBytesFieldEvent {
    field: '$.bytes'
    value: bigint
  }

  export interface AnnouncementAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<Announcement>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Announcement.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announcement>): Announcement {
    return decodeMessage(buf, Announcement.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Announcement>
  ): Generator<
    | AnnouncementRootFieldEvent
    | AnnouncementNameFieldEvent
    | AnnouncementBytesFieldEvent
    | AnnouncementAddressesFieldEvent
  > {
    return streamMessage(buf, Announcement.codec(), opts)
  }
}

export interface Question {
  id: Uint8Array<ArrayBuffer>
  topic: string
  payload: Uint8Array<ArrayBuffer>
  deadlineMs: number
  maxAnswers: number
}

export namespace Question {
  let _codec: Codec<Question>

  export const codec = (): Codec<Question> => {
    if (_codec == null) {
      _codec = message<Question>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.id != null && obj.id.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.id)
          }

          if (obj.topic != null && obj.topic !== '') {
            w.uint32(18)
            w.string(obj.topic)
          }

          if (obj.payload != null && obj.payload.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.payload)
          }

          if (obj.deadlineMs != null && obj.deadlineMs !== 0) {
            w.uint32(32)
            w.uint32(obj.deadlineMs)
          }

          if (obj.maxAnswers != null && obj.maxAnswers !== 0) {
            w.uint32(40)
            w.uint32(obj.maxAnswers)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            id: uint8ArrayAlloc(0),
            topic: '',
            payload: uint8ArrayAlloc(0),
            deadlineMs: 0,
            maxAnswers: 0
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
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "topic" came twice')
                }
                seen |= 0x4

                obj.topic = reader.string()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "payload" came twice')
                }
                seen |= 0x8

                obj.payload = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "deadlineMs" came twice')
                }
                seen |= 0x10

                obj.deadlineMs = reader.uint32()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "maxAnswers" came twice')
                }
                seen |= 0x20

                obj.maxAnswers = reader.uint32()
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
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.topic`,
                  value: reader.string()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.payload`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.deadlineMs`,
                  value: reader.uint32()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.maxAnswers`,
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

  export interface QuestionIdFieldEvent {
    field: '$.id'
    value: Uint8Array<ArrayBuffer>
  }

  export interface QuestionTopicFieldEvent {
    field: '$.topic'
    value: string
  }

  export interface QuestionPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface QuestionDeadlineMsFieldEvent {
    field: '$.deadlineMs'
    value: number
  }

  export interface QuestionMaxAnswersFieldEvent {
    field: '$.maxAnswers'
    value: number
  }

  export function encode(obj: Partial<Question>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Question.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Question>): Question {
    return decodeMessage(buf, Question.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Question>
  ): Generator<
    | QuestionIdFieldEvent
    | QuestionTopicFieldEvent
    | QuestionPayloadFieldEvent
    | QuestionDeadlineMsFieldEvent
    | QuestionMaxAnswersFieldEvent
  > {
    return streamMessage(buf, Question.codec(), opts)
  }
}

export interface DirectBatch {
  messages: DirectMessage[]
}

export namespace DirectBatch {
  let _codec: Codec<DirectBatch>

  export const codec = (): Codec<DirectBatch> => {
    if (_codec == null) {
      _codec = message<DirectBatch>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.messages != null && obj.messages.length > 0) {
            for (const value of obj.messages) {
              w.uint32(10)
              DirectMessage.codec().encode(value, w)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          const obj: any = {
            messages: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.messages != null && obj.messages.length === opts.limits.messages) {
                  throw new MaxLengthError('Decode error - repeated field "messages" had too many elements')
                }

                obj.messages.push(
                  DirectMessage.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.messages$
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
            messages: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if (opts.limits?.messages != null && obj.messages === opts.limits.messages) {
                  throw new MaxLengthError('Streaming decode error - repeated field "messages" had too many elements')
                }

                for (const evt of DirectMessage.codec().stream(reader, reader.uint32(), `${prefix}.messages[]`, {
                  limits: opts.limits?.messages$
                })) {
                  yield {
                    ...evt,
                    index: obj.messages
                  }
                }

                obj.messages++

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

  export interface DirectBatchMessagesExchangeTopicFieldEvent {
    field: '$.messages[].exchange.topic'
    value: string
    index: number
  }

  export interface DirectBatchMessagesExchangePresenceFieldEvent {
    field: '$.messages[].exchange.presence'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesFromFieldEvent {
    field: '$.messages[].exchange.messages[].from'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesSeqnoFieldEvent {
    field: '$.messages[].exchange.messages[].seqno'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesDataFieldEvent {
    field: '$.messages[].exchange.messages[].data'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesSignatureFieldEvent {
    field: '$.messages[].exchange.messages[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesKeyFieldEvent {
    field: '$.messages[].exchange.messages[].key'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesExchangeMessagesAgeMsFieldEvent {
    field: '$.messages[].exchange.messages[].ageMs'
    value: number
    index: number
  }

  export interface DirectBatchMessagesAnswerQuestionFieldEvent {
    field: '$.messages[].answer.question'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesAnswerFromFieldEvent {
    field: '$.messages[].answer.from'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesAnswerPayloadFieldEvent {
    field: '$.messages[].answer.payload'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesAnswerSignatureFieldEvent {
    field: '$.messages[].answer.signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectBatchMessagesAnswerKeyFieldEvent {
    field: '$.messages[].answer.key'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode(obj: Partial<DirectBatch>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DirectBatch.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DirectBatch>): DirectBatch {
    return decodeMessage(buf, DirectBatch.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<DirectBatch>
  ): Generator<
    | DirectBatchMessagesExchangeTopicFieldEvent
    | DirectBatchMessagesExchangePresenceFieldEvent
    | DirectBatchMessagesExchangeMessagesFromFieldEvent
    | DirectBatchMessagesExchangeMessagesSeqnoFieldEvent
    | DirectBatchMessagesExchangeMessagesDataFieldEvent
    | DirectBatchMessagesExchangeMessagesSignatureFieldEvent
    | DirectBatchMessagesExchangeMessagesKeyFieldEvent
    | DirectBatchMessagesExchangeMessagesAgeMsFieldEvent
    | DirectBatchMessagesAnswerQuestionFieldEvent
    | DirectBatchMessagesAnswerFromFieldEvent
    | DirectBatchMessagesAnswerPayloadFieldEvent
    | DirectBatchMessagesAnswerSignatureFieldEvent
    | DirectBatchMessagesAnswerKeyFieldEvent
  > {
    return streamMessage(buf, DirectBatch.codec(), opts)
  }
}

export interface DirectMessage {
  exchange?: Exchange
  answer?: Answer
}

export namespace DirectMessage {
  let _codec: Codec<DirectMessage>

  export const codec = (): Codec<DirectMessage> => {
    if (_codec == null) {
      _codec = message<DirectMessage>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.exchange != null) {
            w.uint32(10)
            Exchange.codec().encode(obj.exchange, w)
          }

          if (obj.answer != null) {
            w.uint32(18)
            Answer.codec().encode(obj.answer, w)
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
                  throw new RangeError('Decode error - field "exchange" came twice')
                }
                seen |= 0x2

                obj.exchange = Exchange.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.exchange
                })
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "answer" came twice')
                }
                seen |= 0x4

                obj.answer = Answer.codec().decode(reader, reader.uint32(), {
                  limits: opts.limits?.answer
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
                yield* Exchange.codec().stream(reader, reader.uint32(), `${prefix}.exchange`, {
                  limits: opts.limits?.exchange
                })

                break
              }
              case 2: {
                yield* Answer.codec().stream(reader, reader.uint32(), `${prefix}.answer`, {
                  limits: opts.limits?.answer
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

  export interface DirectMessageExchangeTopicFieldEvent {
    field: '$.exchange.topic'
    value: string
  }

  export interface DirectMessageExchangePresenceFieldEvent {
    field: '$.exchange.presence'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DirectMessageExchangeMessagesFromFieldEvent {
    field: '$.exchange.messages[].from'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectMessageExchangeMessagesSeqnoFieldEvent {
    field: '$.exchange.messages[].seqno'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectMessageExchangeMessagesDataFieldEvent {
    field: '$.exchange.messages[].data'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectMessageExchangeMessagesSignatureFieldEvent {
    field: '$.exchange.messages[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectMessageExchangeMessagesKeyFieldEvent {
    field: '$.exchange.messages[].key'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DirectMessageExchangeMessagesAgeMsFieldEvent {
    field: '$.exchange.messages[].ageMs'
    value: number
    index: number
  }

  export interface DirectMessageAnswerQuestionFieldEvent {
    field: '$.answer.question'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DirectMessageAnswerFromFieldEvent {
    field: '$.answer.from'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DirectMessageAnswerPayloadFieldEvent {
    field: '$.answer.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DirectMessageAnswerSignatureFieldEvent {
    field: '$.answer.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DirectMessageAnswerKeyFieldEvent {
    field: '$.answer.key'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode(obj: Partial<DirectMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DirectMessage.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DirectMessage>): DirectMessage {
    return decodeMessage(buf, DirectMessage.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<DirectMessage>
  ): Generator<
    | DirectMessageExchangeTopicFieldEvent
    | DirectMessageExchangePresenceFieldEvent
    | DirectMessageExchangeMessagesFromFieldEvent
    | DirectMessageExchangeMessagesSeqnoFieldEvent
    | DirectMessageExchangeMessagesDataFieldEvent
    | DirectMessageExchangeMessagesSignatureFieldEvent
    | DirectMessageExchangeMessagesKeyFieldEvent
    | DirectMessageExchangeMessagesAgeMsFieldEvent
    | DirectMessageAnswerQuestionFieldEvent
    | DirectMessageAnswerFromFieldEvent
    | DirectMessageAnswerPayloadFieldEvent
    | DirectMessageAnswerSignatureFieldEvent
    | DirectMessageAnswerKeyFieldEvent
  > {
    return streamMessage(buf, DirectMessage.codec(), opts)
  }
}

export interface Exchange {
  topic: string
  presence: Uint8Array<ArrayBuffer>
  messages: Relayed[]
}

export namespace Exchange {
  let _codec: Codec<Exchange>

  export const codec = (): Codec<Exchange> => {
    if (_codec == null) {
      _codec = message<Exchange>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.topic != null && obj.topic !== '') {
            w.uint32(10)
            w.string(obj.topic)
          }

          if (obj.presence != null && obj.presence.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.presence)
          }

          if (obj.messages != null && obj.messages.length > 0) {
            for (const value of obj.messages) {
              w.uint32(26)
              Relayed.codec().encode(value, w)
            }
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            topic: '',
            presence: uint8ArrayAlloc(0),
            messages: []
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "topic" came twice')
                }
                seen |= 0x2

                obj.topic = reader.string()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "presence" came twice')
                }
                seen |= 0x4

                obj.presence = reader.bytes()
                break
              }
              case 3: {
                if (opts.limits?.messages != null && obj.messages.length === opts.limits.messages) {
                  throw new MaxLengthError('Decode error - repeated field "messages" had too many elements')
                }

                obj.messages.push(
                  Relayed.codec().decode(reader, reader.uint32(), {
                    limits: opts.limits?.messages$
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
            messages: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                yield {
                  field: `${prefix}.topic`,
                  value: reader.string()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.presence`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                if (opts.limits?.messages != null && obj.messages === opts.limits.messages) {
                  throw new MaxLengthError('Streaming decode error - repeated field "messages" had too many elements')
                }

                for (const evt of Relayed.codec().stream(reader, reader.uint32(), `${prefix}.messages[]`, {
                  limits: opts.limits?.messages$
                })) {
                  yield {
                    ...evt,
                    index: obj.messages
                  }
                }

                obj.messages++

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

  export interface ExchangeTopicFieldEvent {
    field: '$.topic'
    value: string
  }

  export interface ExchangePresenceFieldEvent {
    field: '$.presence'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ExchangeMessagesFromFieldEvent {
    field: '$.messages[].from'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeMessagesSeqnoFieldEvent {
    field: '$.messages[].seqno'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeMessagesDataFieldEvent {
    field: '$.messages[].data'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeMessagesSignatureFieldEvent {
    field: '$.messages[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeMessagesKeyFieldEvent {
    field: '$.messages[].key'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeMessagesAgeMsFieldEvent {
    field: '$.messages[].ageMs'
    value: number
    index: number
  }

  export function encode(obj: Partial<Exchange>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Exchange.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Exchange {
    return decodeMessage(buf, Exchange.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Exchange>
  ): Generator<
    | ExchangeTopicFieldEvent
    | ExchangePresenceFieldEvent
    | ExchangeMessagesFromFieldEvent
    | ExchangeMessagesSeqnoFieldEvent
    | ExchangeMessagesDataFieldEvent
    | ExchangeMessagesSignatureFieldEvent
    | ExchangeMessagesKeyFieldEvent
    | ExchangeMessagesAgeMsFieldEvent
  > {
    return streamMessage(buf, Exchange.codec(), opts)
  }
}

export interface Relayed {
  from: Uint8Array<ArrayBuffer>
  seqno: Uint8Array<ArrayBuffer>
  data: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  key: Uint8Array<ArrayBuffer>
  ageMs: number
}

export namespace Relayed {
  let _codec: Codec<Relayed>

  export const codec = (): Codec<Relayed> => {
    if (_codec == null) {
      _codec = message<Relayed>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.from != null && obj.from.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.from)
          }

          if (obj.seqno != null && obj.seqno.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.seqno)
          }

          if (obj.data != null && obj.data.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.data)
          }

          if (obj.signature != null && obj.signature.byteLength > 0) {
            w.uint32(34)
            w.bytes(obj.signature)
          }

          if (obj.key != null && obj.key.byteLength > 0) {
            w.uint32(42)
            w.bytes(obj.key)
          }

          if (obj.ageMs != null && obj.ageMs !== 0) {
            w.uint32(48)
            w.uint32(obj.ageMs)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            from: uint8ArrayAlloc(0),
            seqno: uint8ArrayAlloc(0),
            data: uint8ArrayAlloc(0),
            signature: uint8ArrayAlloc(0),
            key: uint8ArrayAlloc(0),
            ageMs: 0
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "from" came twice')
                }
                seen |= 0x2

                obj.from = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "seqno" came twice')
                }
                seen |= 0x4

                obj.seqno = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "data" came twice')
                }
                seen |= 0x8

                obj.data = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "signature" came twice')
                }
                seen |= 0x10

                obj.signature = reader.bytes()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "key" came twice')
                }
                seen |= 0x20

                obj.key = reader.bytes()
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "ageMs" came twice')
                }
                seen |= 0x40

                obj.ageMs = reader.uint32()
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
                  field: `${prefix}.from`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.seqno`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.data`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.signature`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
                yield {
                  field: `${prefix}.key`,
                  value: reader.bytes()
                }
                break
              }
              case 6: {
                yield {
                  field: `${prefix}.ageMs`,
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

  export interface RelayedFromFieldEvent {
    field: '$.from'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RelayedSeqnoFieldEvent {
    field: '$.seqno'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RelayedDataFieldEvent {
    field: '$.data'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RelayedSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RelayedKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RelayedAgeMsFieldEvent {
    field: '$.ageMs'
    value: number
  }

  export function encode(obj: Partial<Relayed>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Relayed.codec())
  }

  export function decode(buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Relayed>): Relayed {
    return decodeMessage(buf, Relayed.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<Relayed>
  ): Generator<
    | RelayedFromFieldEvent
    | RelayedSeqnoFieldEvent
    | RelayedDataFieldEvent
    | RelayedSignatureFieldEvent
    | RelayedKeyFieldEvent
    | RelayedAgeMsFieldEvent
  > {
    return streamMessage(buf, Relayed.codec(), opts)
  }
}

export interface Answer {
  question: Uint8Array<ArrayBuffer>
  from: Uint8Array<ArrayBuffer>
  payload: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  key: Uint8Array<ArrayBuffer>
}

export namespace Answer {
  let _codec: Codec<Answer>

  export const codec = (): Codec<Answer> => {
    if (_codec == null) {
      _codec = message<Answer>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.question != null && obj.question.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.question)
          }

          if (obj.from != null && obj.from.byteLength > 0) {
            w.uint32(18)
            w.bytes(obj.from)
          }

          if (obj.payload != null && obj.payload.byteLength > 0) {
            w.uint32(26)
            w.bytes(obj.payload)
          }

          if (obj.signature != null && obj.signature.byteLength > 0) {
            w.uint32(34)
            w.bytes(obj.signature)
          }

          if (obj.key != null && obj.key.byteLength > 0) {
            w.uint32(42)
            w.bytes(obj.key)
          }

          if (opts.lengthDelimited !== false) {
            w.ldelim()
          }
        },
        (reader, length, opts = {}) => {
          let seen = 0
          const obj: any = {
            question: uint8ArrayAlloc(0),
            from: uint8ArrayAlloc(0),
            payload: uint8ArrayAlloc(0),
            signature: uint8ArrayAlloc(0),
            key: uint8ArrayAlloc(0)
          }

          const end = length == null ? reader.len : reader.pos + length

          while (reader.pos < end) {
            const tag = reader.uint32()

            switch (tag >>> 3) {
              case 1: {
                if ((seen & 0x2) !== 0) {
                  throw new RangeError('Decode error - field "question" came twice')
                }
                seen |= 0x2

                obj.question = reader.bytes()
                break
              }
              case 2: {
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "from" came twice')
                }
                seen |= 0x4

                obj.from = reader.bytes()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "payload" came twice')
                }
                seen |= 0x8

                obj.payload = reader.bytes()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "signature" came twice')
                }
                seen |= 0x10

                obj.signature = reader.bytes()
                break
              }
              case 5: {
                if ((seen & 0x20) !== 0) {
                  throw new RangeError('Decode error - field "key" came twice')
                }
                seen |= 0x20

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
                  field: `${prefix}.question`,
                  value: reader.bytes()
                }
                break
              }
              case 2: {
                yield {
                  field: `${prefix}.from`,
                  value: reader.bytes()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.payload`,
                  value: reader.bytes()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.signature`,
                  value: reader.bytes()
                }
                break
              }
              case 5: {
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

  export interface AnswerQuestionFieldEvent {
    field: '$.question'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnswerFromFieldEvent {
    field: '$.from'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnswerPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnswerSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnswerKeyFieldEvent {
    field: '$.key'
    value: Uint8Array<ArrayBuffer>
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
  ): Generator<
    | AnswerQuestionFieldEvent
    | AnswerFromFieldEvent
    | AnswerPayloadFieldEvent
    | AnswerSignatureFieldEvent
    | AnswerKeyFieldEvent
  > {
    return streamMessage(buf, Answer.codec(), opts)
  }
}

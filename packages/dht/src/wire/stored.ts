// @ts-nocheck generated from stored.proto by "npm run generate"
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
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
          let seen = 0
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
                if ((seen & 0x4) !== 0) {
                  throw new RangeError('Decode error - field "receivedAt" came twice')
                }
                seen |= 0x4

                obj.receivedAt = reader.uint64Number()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "group" came twice')
                }
                seen |= 0x8

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

export interface StoredAnnouncement {
  root: Uint8Array<ArrayBuffer>
  since: number
  announcedAt?: number
  dueAt?: number
  holders: string[]
  complete: boolean
  crowded: boolean
  addresses: string[]
}

export namespace StoredAnnouncement {
  let _codec: Codec<StoredAnnouncement>

  export const codec = (): Codec<StoredAnnouncement> => {
    if (_codec == null) {
      _codec = message<StoredAnnouncement>(
        (obj, w, opts = {}) => {
          if (opts.lengthDelimited !== false) {
            w.fork()
          }

          if (obj.root != null && obj.root.byteLength > 0) {
            w.uint32(10)
            w.bytes(obj.root)
          }

          if (obj.since != null && obj.since !== 0) {
            w.uint32(16)
            w.uint64Number(obj.since)
          }

          if (obj.announcedAt != null) {
            w.uint32(24)
            w.uint64Number(obj.announcedAt)
          }

          if (obj.dueAt != null) {
            w.uint32(32)
            w.uint64Number(obj.dueAt)
          }

          if (obj.holders != null && obj.holders.length > 0) {
            for (const value of obj.holders) {
              w.uint32(42)
              w.string(value)
            }
          }

          if (obj.complete != null && obj.complete !== false) {
            w.uint32(48)
            w.bool(obj.complete)
          }

          if (obj.crowded != null && obj.crowded !== false) {
            w.uint32(56)
            w.bool(obj.crowded)
          }

          if (obj.addresses != null && obj.addresses.length > 0) {
            for (const value of obj.addresses) {
              w.uint32(66)
              w.string(value)
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
            since: 0,
            holders: [],
            complete: false,
            crowded: false,
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
                  throw new RangeError('Decode error - field "since" came twice')
                }
                seen |= 0x4

                obj.since = reader.uint64Number()
                break
              }
              case 3: {
                if ((seen & 0x8) !== 0) {
                  throw new RangeError('Decode error - field "announcedAt" came twice')
                }
                seen |= 0x8

                obj.announcedAt = reader.uint64Number()
                break
              }
              case 4: {
                if ((seen & 0x10) !== 0) {
                  throw new RangeError('Decode error - field "dueAt" came twice')
                }
                seen |= 0x10

                obj.dueAt = reader.uint64Number()
                break
              }
              case 5: {
                if (opts.limits?.holders != null && obj.holders.length === opts.limits.holders) {
                  throw new MaxLengthError('Decode error - repeated field "holders" had too many elements')
                }

                obj.holders.push(reader.string())
                break
              }
              case 6: {
                if ((seen & 0x40) !== 0) {
                  throw new RangeError('Decode error - field "complete" came twice')
                }
                seen |= 0x40

                obj.complete = reader.bool()
                break
              }
              case 7: {
                if ((seen & 0x80) !== 0) {
                  throw new RangeError('Decode error - field "crowded" came twice')
                }
                seen |= 0x80

                obj.crowded = reader.bool()
                break
              }
              case 8: {
                if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                  throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
                }

                obj.addresses.push(reader.string())
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
            holders: 0,
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
                  field: `${prefix}.since`,
                  value: reader.uint64Number()
                }
                break
              }
              case 3: {
                yield {
                  field: `${prefix}.announcedAt`,
                  value: reader.uint64Number()
                }
                break
              }
              case 4: {
                yield {
                  field: `${prefix}.dueAt`,
                  value: reader.uint64Number()
                }
                break
              }
              case 5: {
                if (opts.limits?.holders != null && obj.holders === opts.limits.holders) {
                  throw new MaxLengthError('Streaming decode error - repeated field "holders" had too many elements')
                }

                yield {
                  field: `${prefix}.holders[]`,
                  index: obj.holders,
                  value: reader.string()
                }

                obj.holders++

                break
              }
              case 6: {
                yield {
                  field: `${prefix}.complete`,
                  value: reader.bool()
                }
                break
              }
              case 7: {
                yield {
                  field: `${prefix}.crowded`,
                  value: reader.bool()
                }
                break
              }
              case 8: {
                if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                  throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
                }

                yield {
                  field: `${prefix}.addresses[]`,
                  index: obj.addresses,
                  value: reader.string()
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

  export interface StoredAnnouncementRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface StoredAnnouncementSinceFieldEvent {
    field: '$.since'
    value: number
  }

  export interface StoredAnnouncementAnnouncedAtFieldEvent {
    field: '$.announcedAt'
    value: number
  }

  export interface StoredAnnouncementDueAtFieldEvent {
    field: '$.dueAt'
    value: number
  }

  export interface StoredAnnouncementHoldersFieldEvent {
    field: '$.holders[]'
    index: number
    value: string
  }

  export interface StoredAnnouncementCompleteFieldEvent {
    field: '$.complete'
    value: boolean
  }

  export interface StoredAnnouncementCrowdedFieldEvent {
    field: '$.crowded'
    value: boolean
  }

  export interface StoredAnnouncementAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: string
  }

  export function encode(obj: Partial<StoredAnnouncement>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, StoredAnnouncement.codec())
  }

  export function decode(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StoredAnnouncement>
  ): StoredAnnouncement {
    return decodeMessage(buf, StoredAnnouncement.codec(), opts)
  }

  export function stream(
    buf: Uint8Array | Uint8ArrayList,
    opts?: DecodeOptions<StoredAnnouncement>
  ): Generator<
    | StoredAnnouncementRootFieldEvent
    | StoredAnnouncementSinceFieldEvent
    | StoredAnnouncementAnnouncedAtFieldEvent
    | StoredAnnouncementDueAtFieldEvent
    | StoredAnnouncementHoldersFieldEvent
    | StoredAnnouncementCompleteFieldEvent
    | StoredAnnouncementCrowdedFieldEvent
    | StoredAnnouncementAddressesFieldEvent
  > {
    return streamMessage(buf, StoredAnnouncement.codec(), opts)
  }
}

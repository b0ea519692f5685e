import type { DatagramAddress } from '@p2pshare/interface'

/** What a message is (RFC 8489 section 5), for the one method there is here: Binding. */
export type StunClass = 'request' | 'indication' | 'success' | 'error'

/** From where the answer shall come, against where the question went (RFC 5780 section 7.2). */
export interface ChangeRequest {
  readonly ip: boolean
  readonly port: boolean
}

/** Why there is no success. */
export interface StunFailure {
  /** 300 to 699. */
  readonly code: number
  readonly reason: string
}

/** One Binding message, with the attributes that are used here. */
export interface StunMessage {
  readonly class: StunClass
  /** 12 random bytes, chosen by who asks. */
  readonly transactionId: Uint8Array
  /** XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS where a server knows only that: from where the question came. */
  readonly mapped?: DatagramAddress
  /** RESPONSE-ORIGIN: from where the answer was sent. */
  readonly origin?: DatagramAddress
  /** OTHER-ADDRESS: from where a changed answer would come. An unspecified host means the one that was asked. */
  readonly other?: DatagramAddress
  readonly change?: ChangeRequest
  readonly failure?: StunFailure
  /** UNKNOWN-ATTRIBUTES: what the other end had to understand and did not. */
  readonly unknown?: readonly number[]
  /** Bytes of PADDING (RFC 5780) and ROOM (SPEC.md#stun) together: they mean nothing. */
  readonly padding?: number
}

/** A message as it came in. */
export interface ReceivedStunMessage extends StunMessage {
  /** Attributes that must be understood and are not: what they mean cannot be left out of account. */
  readonly notUnderstood: readonly number[]
}

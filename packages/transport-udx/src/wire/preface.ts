/** Two unsigned numbers of 64 bits. */
export const PREFACE_BYTES = 16

/** What each end of a successor stream says first. Offsets count bytes of the connection since its beginning. */
export interface Preface {
  /** So many bytes of the other end arrived here: go on behind them. */
  readonly received: number
  /** What follows begins at this offset. */
  readonly start: number
}

/** Both offsets are safe whole numbers. */
export function encodePreface({ received, start }: Preface): Uint8Array {
  const bytes = Buffer.alloc(PREFACE_BYTES)
  bytes.writeBigUInt64BE(BigInt(received), 0)
  bytes.writeBigUInt64BE(BigInt(start), 8)
  return bytes
}

/** `undefined`: not well formed. */
export function decodePreface(bytes: Uint8Array): Preface | undefined {
  if (bytes.length !== PREFACE_BYTES) {
    return undefined
  }
  const view = Buffer.from(bytes)
  const received = Number(view.readBigUInt64BE(0))
  const start = Number(view.readBigUInt64BE(8))
  return Number.isSafeInteger(received) && Number.isSafeInteger(start) ? { received, start } : undefined
}

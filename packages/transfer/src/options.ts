import { InvalidOptionError } from '@p2pshare/interface'

/** What users of the transfer service may set. */
export interface TransferInit {
  /**
   * Directory that remembers shares over restarts: records and inner nodes, never content. Without it shares are
   * forgotten when the node stops.
   *
   * @default undefined
   */
  directory?: string

  /**
   * Streams of this protocol that one connection may have open in each direction; a session takes two. More lets a
   * peer fetch more roots at once from this node, and hold more of its memory.
   *
   * @default 256
   */
  maxStreams?: number

  /**
   * Sessions this node keeps at once, all shares and peers together. Each may hold up to 8 MiB of unacknowledged
   * bytes; more are refused as busy.
   *
   * @default 200
   */
  maxSessions?: number
}

/** `TransferInit` with every default in place. */
export type TransferOptions = Required<Omit<TransferInit, 'directory'>> & Pick<TransferInit, 'directory'>

export const TRANSFER_DEFAULTS = Object.freeze({
  maxStreams: 256,
  maxSessions: 200
})

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveTransferOptions(init: TransferInit): TransferOptions {
  const options = { ...TRANSFER_DEFAULTS, ...init }
  for (const name of ['maxStreams', 'maxSessions'] as const) {
    if (!Number.isSafeInteger(options[name]) || options[name] < 2) {
      throw new InvalidOptionError(name, `${String(options[name])} is not a whole number above 1`)
    }
  }
  return options
}

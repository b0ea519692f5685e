import type { Fault } from '@p2pshare/interface'

/** What each exit code means; `--help` and the README print this table. */
export const EXIT_CODES = Object.freeze({
  ok: { code: 0, meaning: 'done' },
  internal: { code: 1, meaning: 'internal error: a fault in p2pshare' },
  usage: { code: 2, meaning: 'wrong usage: an unknown option, a bad value, a malformed ticket or link' },
  notFound: { code: 3, meaning: 'not found: nobody that serves the content was found, or it has no such file' },
  timeout: { code: 4, meaning: 'timeout: nothing arrived for too long' },
  network: { code: 5, meaning: 'network: peers, or all nodes to join through, are known but cannot be reached' },
  verification: { code: 6, meaning: 'verification: the content is wrong, unsafe or of an unknown kind' },
  disk: { code: 7, meaning: 'disk: full, not permitted, changed, or another file is at the target' },
  resumable: { code: 10, meaning: 'a get was told to stop (SIGTERM); the same command goes on where it stopped' },
  interrupted: { code: 130, meaning: 'interrupted by Ctrl-C' },
  pipeClosed: { code: 141, meaning: 'the reader of stdout went away before the end' },
  terminated: { code: 143, meaning: 'terminated (SIGTERM) before there was a result' }
} as const)

export type ExitReason = keyof typeof EXIT_CODES

/** By `code`, for those whose `fault` alone does not say enough. */
const BY_CODE: Readonly<Record<string, ExitReason>> = Object.freeze({
  ERR_CONTENT_NOT_FOUND: 'notFound',
  ERR_NAME_UNRESOLVED: 'notFound',
  ERR_TRANSFER_STALLED: 'timeout',
  ERR_DEADLINE: 'timeout',
  ERR_LEAF_MISMATCH: 'verification',
  ERR_VERIFICATION_FAILED: 'verification',
  ERR_UNSUPPORTED_DAG: 'verification',
  ERR_UNSAFE_PATH: 'verification',
  ERR_LISTEN: 'network',
  ERR_DISK: 'disk',
  ERR_NOT_ENOUGH_SPACE: 'disk',
  ERR_NO_SUCH_PATH: 'disk',
  ERR_DATA_DIRECTORY: 'disk',
  ERR_INVALID_IDENTITY: 'disk',
  ERR_NETWORK_KEY_NOT_WRITTEN: 'disk',
  ERR_TARGET_EXISTS: 'disk',
  ERR_STORE_BUSY: 'disk',
  ERR_ALREADY_FETCHING: 'disk',
  ERR_SOURCE_CHANGED: 'disk',
  ERR_PATH_NOT_FOUND: 'notFound'
})

const BY_FAULT: Readonly<Record<Fault, ExitReason>> = Object.freeze({
  user: 'usage',
  network: 'network',
  remote: 'network',
  local: 'internal'
})

/** The reason to exit with for an error, read from its `code`, then its `fault`; anything else is our own fault. */
export function exitReasonOf(error: unknown): ExitReason {
  if (typeof error !== 'object' || error === null) {
    return 'internal'
  }
  const { code, fault } = error as { code?: unknown; fault?: unknown }
  if (typeof code === 'string' && Object.hasOwn(BY_CODE, code)) {
    return BY_CODE[code] ?? 'internal'
  }
  if (typeof fault === 'string' && Object.hasOwn(BY_FAULT, fault)) {
    return BY_FAULT[fault as Fault]
  }
  return 'internal'
}

/** The table as lines of text. */
export function exitCodeLines(): string[] {
  return Object.values(EXIT_CODES).map(({ code, meaning }) => `${String(code).padStart(5)}  ${meaning}`)
}

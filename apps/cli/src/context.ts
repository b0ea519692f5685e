import type { P2PShareNode } from '@p2pshare/core'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'

/** What a command works with. It never touches `process` itself. */
export interface CommandContext {
  readonly io: Io
  readonly options: GlobalOptions
  /** Aborted by Ctrl-C and SIGTERM, with a `StoppedError` as its reason. */
  readonly signal: AbortSignal
  /** How to call this program again: `p2pshare`, or `npx p2pshare`. */
  readonly program: readonly string[]
  /** The words after it in this call. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The Node that runs us. */
  readonly execPath: string
  /** Milliseconds; does not go back. */
  readonly now: () => number
  /** A started node; it is stopped when the command returns or throws. */
  openNode(): Promise<P2PShareNode>
}

/** How a command runs: resolves with the reason to exit with, or throws what went wrong. */
export type Run = (context: CommandContext) => Promise<number>

/** Runs one command and keeps its exit code; given to the modules in `commands/`. */
export type StartCommand = (globals: Record<string, unknown>, run: Run) => Promise<void>

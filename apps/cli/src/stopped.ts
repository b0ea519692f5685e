import { P2PShareError } from '@p2pshare/interface'
import { EXIT_CODES } from './exit-codes.ts'
import type { ExitReason } from './exit-codes.ts'

/** `SIGPIPE` stands for a stdout that nobody reads any more. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGPIPE'

const REASONS: Readonly<Record<StopSignal, ExitReason>> = Object.freeze({
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  SIGPIPE: 'pipeClosed'
})

/** The person, the system or the program in front of us asked to stop. */
export class StoppedError extends P2PShareError {
  static override readonly name = 'StoppedError'
  override readonly name = 'StoppedError'
  readonly code = 'ERR_STOPPED'
  readonly fault = 'user'
  readonly signal: StopSignal
  readonly reason: ExitReason
  /** What goes on where it stopped, when there is something to go on with. */
  readonly command?: string
  declare readonly advice?: string

  constructor(signal: StopSignal, reason: ExitReason = REASONS[signal], command?: string) {
    super(signal === 'SIGINT' ? 'interrupted' : 'stopped')
    this.signal = signal
    this.reason = reason
    if (command !== undefined) {
      this.command = command
      this.advice = `to go on where it stopped: ${command}`
    }
  }

  get exit(): number {
    return EXIT_CODES[this.reason].code
  }
}

/** The `StoppedError` that a signal was aborted with, if it was. */
export function stoppedBy(signal: AbortSignal): StoppedError | undefined {
  return signal.aborted && signal.reason instanceof StoppedError ? signal.reason : undefined
}

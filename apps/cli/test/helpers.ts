import { Io } from '../src/io.ts'
import type { IoInit, OutputStream } from '../src/io.ts'

/** A stream that keeps what was written. */
export interface Captured extends OutputStream {
  text: string
}

export function capture(terminal: { isTTY?: boolean; columns?: number } = {}): Captured {
  return {
    ...terminal,
    text: '',
    write(chunk: string) {
      this.text += chunk
      return true
    }
  }
}

export interface TestIo {
  readonly io: Io
  readonly stdout: Captured
  readonly stderr: Captured
  /** Moves the clock, in milliseconds. */
  advance(ms: number): void
}

export function createTestIo(
  init: Partial<Omit<IoInit, 'stdout' | 'stderr' | 'now'>> & { tty?: boolean } = {}
): TestIo {
  let now = 0
  const terminal = init.tty === true ? { isTTY: true, columns: 80 } : {}
  const stdout = capture(terminal)
  const stderr = capture(terminal)
  const io = new Io({
    stdout,
    stderr,
    json: init.json ?? false,
    quiet: init.quiet ?? false,
    color: init.color ?? false,
    now: () => now
  })
  return {
    io,
    stdout,
    stderr,
    advance: (ms) => {
      now += ms
    }
  }
}

import pc from 'picocolors'
import type { ErrorReport } from './error-report.ts'
import { clip } from './columns.ts'
import { cliEvent, errorEvent, toJsonLine } from './json.ts'
import type { CliEvent } from './json.ts'
import { printable } from './printable.ts'
import { createThrottle } from './throttle.ts'

/** The part of a standard stream that is used; `columns` and `isTTY` are absent on pipes and files. */
export interface OutputStream {
  /** @param written - when it was taken, or never will be */
  write(text: string | Uint8Array, written?: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface IoInit {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** One JSON object a line on stdout, and nothing on stderr. */
  readonly json: boolean
  /** No hints and no progress; results, warnings and errors stay. */
  readonly quiet: boolean
  readonly color: boolean
  /** Milliseconds; any clock that does not go back. */
  now(): number
}

/** Redrawing a line more often than this is flicker. */
const REDRAW_MS = 100

/** Between two progress lines in a log. */
const PLAIN_MS = 5000

/** What is done sooner needs no progress in a log. */
const PLAIN_FIRST_MS = 1000

const CLEAR_LINE = '\r\u001b[K'

/** From the beginning of this line to the end of the screen. */
const CLEAR_BELOW = '\r\u001b[J'

/** Where a command says things: results on stdout, everything else on stderr, and JSON instead of both with `--json`. */
export class Io {
  readonly json: boolean
  readonly #init: IoInit
  readonly #redrawn: boolean
  readonly #due: (now: number) => boolean
  readonly #colors: ReturnType<typeof pc.createColors>
  #status = ''
  /** Lines of the last screen, which the next one takes the place of. */
  #screenLines = 0

  constructor(init: IoInit) {
    this.#init = init
    this.json = init.json
    this.#redrawn = init.stderr.isTTY === true
    this.#due = this.#redrawn ? createThrottle(REDRAW_MS) : createThrottle(PLAIN_MS, PLAIN_FIRST_MS)
    this.#colors = pc.createColors(init.color)
  }

  /** Columns that a status line may use; `undefined` when it is not redrawn. */
  get columns(): number | undefined {
    return this.#redrawn ? (this.#init.stderr.columns ?? 80) : undefined
  }

  /** One line of result. With `--json`, say it with `event`. */
  result(line: string): void {
    if (!this.json) {
      // a program reads a pipe and needs the true name; a person must not have a name play with the screen
      const text = this.#init.stdout.isTTY === true ? printable(line) : line
      this.#around(() => this.#init.stdout.write(`${text}\n`))
    }
  }

  /** One line of result with several fields: tabs between them for programs, two spaces for a person. */
  row(fields: readonly string[]): void {
    this.result(this.isTerminal ? fields.map(printable).join('  ') : fields.join('\t'))
  }

  /**
   * One line of result, with `before` in front of it for a person to copy both. On a terminal they are one line, of which
   * stdout has the result alone; otherwise stderr has a complete line of its own.
   *
   * @param logged - for that line, when the result is a secret: stderr may be a log. Default: `line`
   */
  resultIn(before: string, line: string, logged = line): void {
    const { stdout, stderr, quiet } = this.#init
    if (this.json || quiet) {
      this.result(line)
    } else if (stdout.isTTY === true && stderr.isTTY === true) {
      this.#around(() => {
        stderr.write(before)
        stdout.write(`${printable(line)}\n`)
      })
    } else {
      this.result(line)
      this.note(before + logged)
    }
  }

  /** Bytes of content, as they are. Resolves when stdout has taken them; a reader that went away is heard of elsewhere. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#init.stdout.write(bytes, () => {
        resolve()
      })
    })
  }

  /** One line of `--json` output; nothing without it. */
  event(event: CliEvent): void {
    if (this.json) {
      this.#init.stdout.write(toJsonLine(event))
    }
  }

  /** A hint for a person. Texts of peers and file names must come through `printable`. */
  note(text: string): void {
    if (!this.json && !this.#init.quiet) {
      this.#around(() => this.#init.stderr.write(`${text}\n`))
    }
  }

  warn(message: string): void {
    if (this.json) {
      this.event(cliEvent('warning', { message }))
      return
    }
    this.#around(() => this.#init.stderr.write(`${this.#colors.yellow('warning')}  ${printable(message)}\n`))
  }

  error(report: ErrorReport): void {
    if (this.json) {
      this.event(errorEvent(report))
      return
    }
    if (report.stopped === true) {
      const { message, command } = report
      this.#clearEcho()
      this.note(command === undefined ? message : `${message}. To go on where it stopped:\n\n  ${printable(command)}\n`)
      return
    }
    const advice = report.advice === undefined ? '' : `\n  try: ${printable(report.advice)}`
    const head = `${this.#colors.red('error')} ${this.#colors.dim(report.code)}  ${printable(report.message)}`
    this.#around(() => this.#init.stderr.write(`${head}${advice}\n`))
  }

  /** A progress line: redrawn on a terminal, now and then a line of its own elsewhere. Whether it was shown. */
  status(line: (columns: number | undefined) => string): boolean {
    if (this.json || this.#init.quiet || !this.#due(this.#init.now())) {
      return false
    }
    const text = line(this.columns)
    if (!this.#redrawn) {
      this.#init.stderr.write(`${text}\n`)
      return true
    }
    // what wraps is not cleared again; the last column makes some terminals wrap
    const fitting = clip(text, (this.columns ?? Infinity) - 1)
    if (fitting !== this.#status) {
      this.#status = fitting
      this.#init.stderr.write(`${CLEAR_LINE}${fitting}`)
    }
    return true
  }

  /** Whether a person looks at stdout. */
  get isTerminal(): boolean {
    return this.#init.stdout.isTTY === true
  }

  /** Lines on stdout that take the place of the ones before, for a terminal; each must fit into its width. */
  screen(lines: (columns: number, rows: number) => readonly string[]): void {
    const { stdout } = this.#init
    const drawn = lines(stdout.columns ?? 80, stdout.rows ?? 24).map(printable)
    const up = this.#screenLines > 0 ? `\u001b[${this.#screenLines}A` : ''
    stdout.write(`${up}${CLEAR_BELOW}${drawn.map((line) => `${line}\n`).join('')}`)
    this.#screenLines = drawn.length
  }

  /** The last screen stays, and what comes is written below it. */
  leaveScreen(): void {
    this.#screenLines = 0
  }

  /** A terminal shows the `^C` that stopped it where the next words belong. */
  #clearEcho(): void {
    if (this.#redrawn && !this.#init.quiet) {
      this.#init.stderr.write(CLEAR_LINE)
    }
  }

  /** Take the progress line off the screen. */
  clearStatus(): void {
    if (this.#status !== '') {
      this.#init.stderr.write(CLEAR_LINE)
      this.#status = ''
    }
  }

  bold(text: string): string {
    return this.#colors.bold(text)
  }

  dim(text: string): string {
    return this.#colors.dim(text)
  }

  /** Write something else without leaving half a progress line on the screen. */
  #around(write: () => void): void {
    const status = this.#status
    this.clearStatus()
    write()
    if (status !== '') {
      this.#status = status
      this.#init.stderr.write(status)
    }
  }
}

import { spawn } from 'node:child_process'
import { LabCommandError } from '../errors.ts'

/** What a command left. */
export interface CommandResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined
  /** Written to the command's standard input. */
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /**
   * Whether another exit code than 0 is an error.
   *
   * @default true
   */
  readonly check?: boolean
}

/** A program and its arguments. */
export type Argv = readonly [program: string, ...args: string[]]

/** Output beyond this is forgotten: nobody reads more of a command that was run for its result. */
const MAX_OUTPUT_CHARS = 4 * 1024 * 1024

/** sbin is not in everybody's PATH, and the tools of this trade live there. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` }
}

/**
 * Run a command to its end.
 *
 * @throws LabCommandError when it ends with another code than 0 (see `check`)
 */
export async function run([program, ...args]: Argv, options: CommandOptions = {}): Promise<CommandResult> {
  options.signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
  const child = spawn(program, args, { env: options.env ?? toolEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-MAX_OUTPUT_CHARS)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_OUTPUT_CHARS)))
  // it may end without having read everything; its exit code tells
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const onAbort = () => child.kill('SIGKILL')
  options.signal?.addEventListener('abort', onAbort)
  child.on('error', reject)
  child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  try {
    const result = await promise
    options.signal?.throwIfAborted()
    if (result.exitCode !== 0 && options.check !== false) {
      throw new LabCommandError([program, ...args].join(' '), result)
    }
    return result
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
}

import { CommanderError } from 'commander'
import type { P2PShareNode } from '@p2pshare/core'
import type { CommandContext, StartCommand } from './context.ts'
import { reportFailure } from './error-report.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { toGlobalOptions, wantsJson } from './global-options.ts'
import { Io } from './io.ts'
import type { OutputStream } from './io.ts'
import { openNode } from './open-node.ts'
import { createProgram } from './program.ts'

/** Everything of the process that the command line uses. */
export interface CliInit {
  /** Words after the program's name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Abort it with a `StoppedError` to stop cleanly. */
  readonly signal: AbortSignal
  readonly version: string
  /** The Node that runs us. */
  readonly execPath: string
  /** Milliseconds; does not go back. */
  now(): number
}

/** Run one command line. Resolves with the exit code and never rejects. */
export async function runCli(init: CliInit): Promise<number> {
  const { argv, env } = init
  let exit: number = EXIT_CODES.ok.code
  let io = createIo(init, wantsJson(argv, env), false)
  const start: StartCommand = async (globals, run) => {
    const options = toGlobalOptions(globals)
    io = createIo(init, options.json, options.quiet)
    const nodes: P2PShareNode[] = []
    const context: CommandContext = {
      io,
      options,
      signal: init.signal,
      program: env['npm_command'] === 'exec' ? ['npx', 'p2pshare'] : ['p2pshare'],
      argv,
      env,
      execPath: init.execPath,
      now: () => init.now(),
      openNode: async () => {
        const node = await openNode(context)
        nodes.push(node)
        return node
      }
    }
    try {
      exit = await run(context)
    } finally {
      io.clearStatus()
      await Promise.allSettled(nodes.map(async (node) => node.stop()))
    }
  }
  try {
    const program = createProgram({
      version: init.version,
      first: argv[0],
      start,
      out: (text) => init.stdout.write(text),
      err: (text) => {
        if (!io.json) {
          init.stderr.write(text)
        }
      }
    })
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    exit = fail(error, io, init)
  }
  return exit
}

function fail(error: unknown, io: Io, { env, signal, stderr }: CliInit): number {
  // help and version are "errors" of commander that ended well
  if (error instanceof CommanderError && error.exitCode === 0) {
    return EXIT_CODES.ok.code
  }
  const report = reportFailure(error, signal)
  io.error(report)
  if (report.exit === EXIT_CODES.internal.code && (env['DEBUG'] ?? '') !== '' && error instanceof Error) {
    stderr.write(`${error.stack ?? ''}\n`)
  }
  return report.exit
}

function createIo(init: CliInit, json: boolean, quiet: boolean): Io {
  const { stdout, stderr, env } = init
  const color = stderr.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return new Io({ stdout, stderr, json, quiet, color, now: () => init.now() })
}

import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { parseDuration } from '../duration.ts'
import { reportFailure } from '../error-report.ts'
import type { ErrorReport } from '../error-report.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { GetView } from '../get-view.ts'
import { giveUpTimes } from '../give-up-times.ts'
import { transferFailed } from '../json.ts'
import { blameBootstrap } from '../not-found.ts'
import type { FilePriority, GetOptions, P2PShareNode } from '@p2pshare/core'
import { parsePriority } from '../priority.ts'
import { shellCommand, withoutKey } from '../shell.ts'
import { untilAborted } from '../sleep.ts'
import { StoppedError, stoppedBy } from '../stopped.ts'
import { tellPunches } from '../tell-punches.ts'

/** How often the line is redrawn while there is nothing to report but the time. */
const WAIT_TICK_MS = 1000

/** Each pattern is matched against every path of the share. */
export const MAX_PATTERNS = 256

export interface GetCommandOptions {
  readonly output: string
  readonly select?: readonly string[]
  readonly priority?: ReadonlyArray<{ readonly glob: string; readonly priority: FilePriority }>
  readonly sequential?: boolean
  readonly name?: string
  readonly seed?: boolean
  readonly stallTimeout?: string
}

/** `p2pshare get`: fetch into a directory. */
export function getCommand(start: StartCommand): Command {
  return new Command('get')
    .description('get a share by content id, ticket or link; prints where it was put')
    .argument('<source>', 'CID, ticket or p2pshare: link')
    .option('-o, --output <dir>', 'directory to put it in', '.')
    .option('--select <glob...>', 'only the files that match (*, **, ?, {a,b})')
    .option(
      '--priority <glob=priority>',
      'high, normal, low or skip for files that match; repeatable, the last that fits counts',
      (text: string, before: GetCommandOptions['priority']) => [...(before ?? []), parsePriority(text)]
    )
    .option('--sequential', 'from the first byte to the last, to look at it meanwhile; slower for a swarm')
    .option('--name <name>', 'name to give it, instead of the one in the ticket')
    .option('--stall-timeout <duration>', 'give up after so long without a byte (30s, 2m); stronger than --timeout')
    .option('--seed', 'keep serving it until Ctrl-C')
    .option('--no-seed', 'end when it is here (the default)')
    .action(async (source: string, options: GetCommandOptions, command: Command) =>
      // commander takes --no-seed for "seeding is on by default"
      start(command.optsWithGlobals(), async (context) =>
        runGet(context, source, {
          ...options,
          seed: command.getOptionValueSource('seed') === 'cli' && options.seed === true
        })
      )
    )
}

async function runGet(context: CommandContext, source: string, options: GetCommandOptions): Promise<number> {
  const { io, signal } = context
  const view = new GetView(io, context.now)
  let node: P2PShareNode | undefined
  try {
    const getOptions = toGetOptions(context, options)
    checkSource(source)
    const { parseSource } = await import('@p2pshare/core')
    parseSource(source) // a mistyped ticket is found before anything starts
    node = await context.openNode()
    tellPunches(node, io)
    const ticker = setInterval(() => view.tick(), WAIT_TICK_MS)
    try {
      for await (const event of node.get(source, getOptions)) {
        view.show(event)
      }
    } finally {
      clearInterval(ticker)
    }
    if (options.seed === true) {
      io.note('\nSeeding. Leave this running; Ctrl-C stops it.')
      await untilAborted(signal)
      return stoppedBy(signal)?.signal === 'SIGTERM' ? EXIT_CODES.ok.code : EXIT_CODES.interrupted.code
    }
    return EXIT_CODES.ok.code
  } catch (error) {
    const report = reportGet(blameBootstrap(error, context, node), context)
    io.clearStatus()
    io.error(report)
    io.event(transferFailed(report, view.totals))
    return report.exit
  }
}

function toGetOptions(context: CommandContext, options: GetCommandOptions): GetOptions {
  const { timeoutMs } = context.options
  const { select, priority, sequential, name, stallTimeout } = options
  if (select !== undefined && select.length > MAX_PATTERNS) {
    throw new UsageError(`more than ${MAX_PATTERNS} patterns for --select`, 'use wider patterns')
  }
  if (name !== undefined && !isName(name)) {
    throw new UsageError(`'${name}' is not a name`, 'name it with --name, and the directory with -o')
  }
  return {
    signal: context.signal,
    output: options.output,
    seed: options.seed === true,
    ...(select === undefined ? {} : { select }),
    ...(priority === undefined ? {} : { priorities: priority }),
    ...(sequential === true ? { order: 'sequential' as const } : {}),
    ...(name === undefined ? {} : { name }),
    ...giveUpTimes(timeoutMs, stallTimeout === undefined ? undefined : parseDuration(stallTimeout))
  }
}

/** A path below a CID names what `--select` does. Throws `UsageError` with the command that was meant. */
export function checkSource(source: string): void {
  const [, cid, path] = /^(?:\/ipfs\/|ipfs:\/\/)([^/\s]+)\/+([^/].*)$/su.exec(source.trim()) ?? []
  if (cid !== undefined && path !== undefined) {
    const meant = shellCommand(['p2pshare', 'get', cid, '--select', path])
    throw new UsageError('get takes a whole share, and --select what is wanted of it', meant)
  }
}

/** One part of a path. What else a name must not be is said by the node, for every name. */
function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name)
}

/** A `get` that was stopped says how to go on. */
function reportGet(error: unknown, context: CommandContext): ErrorReport {
  const stopped = stoppedBy(context.signal)
  if (stopped === undefined) {
    return reportFailure(error, context.signal)
  }
  const again = shellCommand([...context.program, ...context.argv.map(withoutKey)])
  const reason = stopped.signal === 'SIGTERM' ? 'resumable' : stopped.reason
  return reportFailure(new StoppedError(stopped.signal, reason, again), context.signal)
}

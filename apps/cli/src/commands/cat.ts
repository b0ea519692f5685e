import { Command } from 'commander'
import type { P2PShareNode, ReadOptions } from '@p2pshare/core'
import type { CommandContext, StartCommand } from '../context.ts'
import { parseDuration } from '../duration.ts'
import { reportFailure } from '../error-report.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { giveUpTimes } from '../give-up-times.ts'
import { blameBootstrap } from '../not-found.ts'
import { formatBytes, formatRate } from '../units.ts'

export interface CatCommandOptions {
  readonly offset?: string
  readonly length?: string
  readonly stallTimeout?: string
}

/** `p2pshare cat`: the verified bytes of one file, as they come. */
export function catCommand(start: StartCommand): Command {
  return new Command('cat')
    .description('write a file of a share to stdout while it comes, each piece verified before; nothing is kept')
    .argument('<source>', 'CID, ticket or p2pshare: link')
    .argument('[path]', 'file in the share, unless the share is a file')
    .option('--offset <bytes>', 'begin there, instead of at the first byte')
    .option('--length <bytes>', 'no more than so many bytes')
    .option('--stall-timeout <duration>', 'give up after so long without a byte (30s, 2m); stronger than --timeout')
    .action(async (source: string, path: string | undefined, options: CatCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runCat(context, source, path, options))
    )
}

async function runCat(
  context: CommandContext,
  source: string,
  path: string | undefined,
  options: CatCommandOptions
): Promise<number> {
  const { io } = context
  if (io.json) {
    throw new UsageError('cat writes the bytes themselves, which --json cannot', 'leave --json out')
  }
  const range = {
    ...(path === undefined ? {} : { path }),
    ...(options.offset === undefined ? {} : { offset: parseBytes('--offset', options.offset) }),
    ...(options.length === undefined ? {} : { length: parseBytes('--length', options.length) })
  }
  const stallMs = options.stallTimeout === undefined ? undefined : parseDuration(options.stallTimeout)
  const times = giveUpTimes(context.options.timeoutMs, stallMs)
  const { parseSource } = await import('@p2pshare/core')
  parseSource(source) // a mistyped ticket is found before anything starts
  let node: P2PShareNode | undefined
  try {
    node = await context.openNode()
    await copy(context, node, source, { ...range, ...times, signal: context.signal })
    return EXIT_CODES.ok.code
  } catch (error) {
    const report = reportFailure(blameBootstrap(error, context, node), context.signal)
    io.clearStatus()
    // who closed the pipe has seen enough, and is told nothing
    if (report.exit !== EXIT_CODES.pipeClosed.code) {
      io.error(report)
    }
    return report.exit
  }
}

async function copy(
  { io, now }: CommandContext,
  node: P2PShareNode,
  source: string,
  options: ReadOptions
): Promise<void> {
  const startedAt = now()
  let done = 0
  for await (const bytes of node.read(source, options)) {
    await io.bytes(bytes)
    done += bytes.byteLength
    if (io.columns !== undefined && !io.isTerminal) {
      const seconds = Math.max((now() - startedAt) / 1000, 0.001)
      io.status(() => `${formatBytes(done)}  ${formatRate(done / seconds)}`)
    }
  }
}

/** A whole number. Throws `UsageError`. */
function parseBytes(flag: string, text: string): number {
  const bytes = Number(text)
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(bytes)) {
    throw new UsageError(`${flag} ${text} is not a whole number of bytes`, `${flag} 1048576 is one MiB`)
  }
  return bytes
}

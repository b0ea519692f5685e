import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { parseRate } from '../rate-limit.ts'
import { scrubDone, tellChanged, tellRefused } from '../tell-shares.ts'
import { count, formatBytes } from '../units.ts'
import { NOTHING_SHARED } from './verify.ts'

export interface ScrubCommandOptions {
  readonly rate: string
}

/** `p2pshare scrub`: the same slowly, beside other work. */
export function scrubCommand(start: StartCommand): Command {
  return new Command('scrub')
    .description('read and hash all shares of this home slowly; goes on where it was interrupted')
    .option('--rate <bytes>', 'most bytes a second that are read (8M, 500K)', '8M')
    .action(async (options: ScrubCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runScrub(context, options))
    )
}

async function runScrub(context: CommandContext, options: ScrubCommandOptions): Promise<number> {
  const { io, signal } = context
  const bytesPerSecond = parseRate(options.rate)
  const node = await context.openNode()
  const { transfer } = node.services
  const changed = new Set<string>()
  transfer.addEventListener('share:changed', ({ detail }) => {
    changed.add(detail.root.toString())
    tellChanged(detail, io)
  })
  tellRefused(transfer, io)
  const report = await transfer.scrub({
    signal,
    bytesPerSecond,
    onProgress: ({ bytes }) => io.status(() => `reading  ${formatBytes(bytes)}`)
  })
  io.clearStatus()
  // the next process of this home must not go on with them
  await Promise.all([...changed].map(async (root) => node.unshare(root)))
  io.event(scrubDone(report))
  const { shares, bytes, damaged, unreadable } = report
  io.row([shares, bytes, damaged, unreadable].map(String))
  const found = [`${damaged} damaged`, ...(unreadable === 0 ? [] : [`${unreadable} could not be read`])].join(', ')
  io.note(shares === 0 ? NOTHING_SHARED : io.dim(`${count(shares, 'share')}, ${formatBytes(bytes)} read, ${found}`))
  return damaged + unreadable === 0 ? EXIT_CODES.ok.code : EXIT_CODES.disk.code
}

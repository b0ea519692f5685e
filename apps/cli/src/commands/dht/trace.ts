import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../../context.ts'
import { withDeadline } from '../../deadline.ts'
import { traceEvent, traceLine } from '../../dht-view.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { NOBODY_THERE, joinNetwork } from '../../meet.ts'

const DEFAULT_TIMEOUT_MS = 30_000

export interface TraceCommandOptions {
  readonly provide?: boolean
}

/** `p2pshare dht trace`: every hop, answer and timeout of one lookup as it happens. */
export function dhtTraceCommand(start: StartCommand): Command {
  return new Command('trace')
    .description('watch one search: every question, answer and timeout, and why it ends (--timeout, 30s)')
    .argument('<cid>', 'content id, ticket or link')
    .option('--provide', 'watch an announcement instead, which puts records of this node at its end')
    .action(async (source: string, options: TraceCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runTrace(context, source, options))
    )
}

async function runTrace(context: CommandContext, source: string, { provide }: TraceCommandOptions): Promise<number> {
  const { io, options } = context
  const { parseSource } = await import('@p2pshare/core')
  const { root } = parseSource(source)
  const node = await joinNetwork(context)
  const kind = provide === true ? 'provide' : 'find'
  await withDeadline(context.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, async (signal) => {
    for await (const event of node.services.dht.trace(root, { kind, signal })) {
      io.result(traceLine(event))
      io.event(traceEvent(event))
    }
  })
  if (node.services.dht.tableSize() === 0) {
    io.note(NOBODY_THERE)
  }
  return EXIT_CODES.ok.code
}

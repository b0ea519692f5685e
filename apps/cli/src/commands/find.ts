import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { countDownTo } from '../countdown.ts'
import { NobodyFoundError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import { blameBootstrap } from '../not-found.ts'

const DEFAULT_TIMEOUT_MS = 30_000

/** `p2pshare find`: providers as they are found. */
export function findCommand(start: StartCommand): Command {
  return new Command('find')
    .description('find who serves a content id; prints a provider a line')
    .argument('<cid>', 'content id, ticket or link')
    .action(async (source: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runFind(context, source))
    )
}

async function runFind(context: CommandContext, source: string): Promise<number> {
  const { io, options } = context
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const node = await context.openNode()
  let found = 0
  await countDownTo(context, 'looking for providers', timeoutMs, async (signal) => {
    for await (const provider of node.find(source, { signal })) {
      found += 1
      const peer = provider.id.toString()
      const addresses = provider.multiaddrs.map((address) => address.toString())
      io.row([peer, ...addresses])
      io.event(cliEvent('provider', { peer, addresses }))
    }
  })
  if (found === 0) {
    throw blameBootstrap(new NobodyFoundError(source), context, node)
  }
  return EXIT_CODES.ok.code
}

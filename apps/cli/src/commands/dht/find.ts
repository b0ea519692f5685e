import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../../context.ts'
import { countDownTo } from '../../countdown.ts'
import { NobodyFoundError } from '../../errors.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { cliEvent } from '../../json.ts'
import { blameBootstrap } from '../../not-found.ts'
import { joinNetwork } from '../../meet.ts'
import { count } from '../../units.ts'

const DEFAULT_TIMEOUT_MS = 30_000

/** `p2pshare dht find`: provider records as they come, and how long it took. */
export function dhtFindCommand(start: StartCommand): Command {
  return new Command('find')
    .description('find provider records of a content id, to the end of the search (--timeout, 30s)')
    .argument('<cid>', 'content id, ticket or link')
    .action(async (source: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runFind(context, source))
    )
}

async function runFind(context: CommandContext, source: string): Promise<number> {
  const { io, options, now } = context
  const { parseSource } = await import('@p2pshare/core')
  const { root } = parseSource(source)
  const node = await joinNetwork(context)
  const startedAt = now()
  let found = 0
  let firstMs: number | undefined
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  await countDownTo(context, 'asking the nodes near the content id', timeoutMs, async (signal) => {
    for await (const provider of node.services.dht.findProviders(root, { signal })) {
      found += 1
      const atMs = Math.round(now() - startedAt)
      firstMs ??= atMs
      const peer = provider.id.toString()
      const addresses = provider.multiaddrs.map((address) => address.toString())
      io.row([peer, ...addresses])
      io.event(cliEvent('dht.provider', { peer, addresses, atMs }))
    }
  })
  const tookMs = Math.round(now() - startedAt)
  io.event(
    cliEvent('dht.find', { cid: root.toString(), providers: found, ...(found === 0 ? {} : { firstMs }), tookMs })
  )
  if (found === 0) {
    throw blameBootstrap(new NobodyFoundError(source), context, node)
  }
  io.note(io.dim(`${count(found, 'provider')}, the first after ${String(firstMs)} ms, all after ${tookMs} ms`))
  return EXIT_CODES.ok.code
}

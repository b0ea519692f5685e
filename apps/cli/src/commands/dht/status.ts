import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../../context.ts'
import { announcementEvent, announcementLine, statusLines } from '../../dht-view.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { cliEvent } from '../../json.ts'
import { sleep } from '../../sleep.ts'
import { DEFAULT_WAIT_MS } from './join.ts'

/** `p2pshare dht status`: sizes, queues, records and what lookups have cost. */
export function dhtStatusCommand(start: StartCommand): Command {
  return new Command('status')
    .description('join, wait a moment (--timeout, 3s), and tell of tables, sizes, records and announcements')
    .action(async (_options: unknown, command: Command) => start(command.optsWithGlobals(), runStatus))
}

async function runStatus(context: CommandContext): Promise<number> {
  const { io, options, signal } = context
  const node = await context.openNode()
  const waitMs = options.timeoutMs ?? DEFAULT_WAIT_MS
  io.status(() => `joining, ${Math.ceil(waitMs / 1000)} s`)
  await sleep(waitMs, signal)
  signal.throwIfAborted()
  io.clearStatus()
  const { dht } = node.services
  for (const network of dht.status().networks) {
    statusLines(network, Date.now()).forEach((line) => io.result(line))
    io.event(cliEvent('dht.network', { ...network }))
  }
  for (const announcement of dht.announcements()) {
    io.result(announcementLine(announcement))
    io.event(announcementEvent(announcement))
  }
  if (dht.tableSize() === 0) {
    io.note('nobody is in the table: name a node with --bootstrap, or start one on this network with p2pshare daemon')
  }
  return EXIT_CODES.ok.code
}

import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../../context.ts'
import { announcementEvent, announcementFields, statusLines } from '../../dht-view.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { cliEvent } from '../../json.ts'
import { NOBODY_THERE, meetOthers } from '../../meet.ts'

/** `p2pshare dht status`: sizes, queues, records and what lookups have cost. */
export function dhtStatusCommand(start: StartCommand): Command {
  return new Command('status')
    .description('join, wait a moment (--timeout, 3s), and tell of tables, sizes, records and announcements')
    .action(async (_options: unknown, command: Command) => start(command.optsWithGlobals(), runStatus))
}

async function runStatus(context: CommandContext): Promise<number> {
  const { io } = context
  const { dht } = (await meetOthers(context)).services
  for (const network of dht.status().networks) {
    statusLines(network, Date.now()).forEach((line) => io.result(line))
    io.event(cliEvent('dht.network', { ...network }))
  }
  for (const announcement of dht.announcements()) {
    io.row(announcementFields(announcement))
    io.event(announcementEvent(announcement))
  }
  if (dht.tableSize() === 0) {
    io.note(NOBODY_THERE)
  }
  return EXIT_CODES.ok.code
}

import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../../context.ts'
import { sortTable, tableLine, tableLines } from '../../dht-view.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { cliEvent } from '../../json.ts'
import { NOBODY_THERE, meetOthers } from '../../meet.ts'
import { count } from '../../units.ts'

/** `p2pshare dht table`: who is in the routing table, from far to near. */
export function dhtTableCommand(start: StartCommand): Command {
  return new Command('table')
    .description('join, wait a moment (--timeout, 3s), and list the routing table from far to near')
    .action(async (_options: unknown, command: Command) => start(command.optsWithGlobals(), runTable))
}

async function runTable(context: CommandContext): Promise<number> {
  const { io } = context
  const node = await meetOthers(context)
  const entries = sortTable(node.services.dht.table())
  const lines = io.isTerminal ? tableLines(entries) : entries.map(tableLine)
  if (entries.length > 0) {
    lines.forEach((line) => io.result(line))
  }
  for (const { id, ...fields } of entries) {
    io.event(cliEvent('dht.peer', { peer: id.toString(), ...fields }))
  }
  io.note(entries.length === 0 ? NOBODY_THERE : io.dim(count(entries.length, 'peer')))
  return EXIT_CODES.ok.code
}

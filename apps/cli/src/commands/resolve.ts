import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import { NOBODY_THERE, joinNetwork } from '../meet.ts'
import { parseWanted } from '../name-keys.ts'
import { blameBootstrap } from '../not-found.ts'

/** `p2pshare resolve`: what a name stands for now. */
export function resolveCommand(start: StartCommand): Command {
  return new Command('resolve')
    .description('print the content id that a name stands for now')
    .argument('<name>', 'what publish printed (k51...), or how you call a name of your own')
    .action(async (name: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runResolve(context, name))
    )
}

async function runResolve(context: CommandContext, text: string): Promise<number> {
  const { io, signal, options } = context
  const wanted = await parseWanted(options, text)
  const node = await joinNetwork(context)
  const { dht } = node.services
  if (dht.tableSize() === 0) {
    io.note(`${NOBODY_THERE}\nuntil then, only what this home has seen is known`)
  }
  io.status(() => 'asking the nodes near the name')
  const resolving = dht.names.resolve(wanted, { fresh: true, signal })
  const { name, root, path, sequence, validUntil } = await resolving.catch((error: unknown) => {
    throw blameBootstrap(error, context, node)
  })
  io.clearStatus()
  io.result(`${root.toString()}${path}`)
  io.event(cliEvent('name.resolved', { name, cid: root.toString(), path, sequence: String(sequence), validUntil }))
  io.note(io.dim(`version ${String(sequence)}, valid until ${new Date(validUntil).toISOString()}`))
  return EXIT_CODES.ok.code
}

import { resolve } from 'node:path'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import { shellCommand } from '../shell.ts'

/** `p2pshare network`: private networks. */
export function networkCommand(start: StartCommand): Command {
  const create = new Command('new')
    .description('write the key of a new private network to a file that only you can read')
    .argument('<file>', 'where to; a file that is there is left alone')
    .action(async (file: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runNew(context, file))
    )
  return new Command('network').description('private networks, for those who have the key').addCommand(create)
}

async function runNew({ io, program }: CommandContext, file: string): Promise<number> {
  const { createNetworkKey } = await import('@p2pshare/core')
  const path = resolve(file)
  const { fingerprint } = await createNetworkKey(path)
  io.result(path)
  io.event(cliEvent('network.key', { path, fingerprint }))
  io.note(`
The key of a new network, ${fingerprint}. Bring it to each machine by a safe way (scp, a USB stick), mode 0600, and use it
with every command:

  ${shellCommand([...program, '--network-key', path, 'daemon'])}
`)
  return EXIT_CODES.ok.code
}

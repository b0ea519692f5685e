import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import { joinNetwork } from '../meet.ts'
import { checkLabel, nameKeyPath } from '../name-keys.ts'
import { blameBootstrap } from '../not-found.ts'
import { untilAborted } from '../sleep.ts'
import { stoppedBy } from '../stopped.ts'

export interface PublishCommandOptions {
  readonly keep?: boolean
}

/** `p2pshare publish`: a name of this home stands for a content id from now on. */
export function publishCommand(start: StartCommand): Command {
  return new Command('publish')
    .description('let a name stand for a content id; prints the name that others resolve')
    .argument('<name>', 'how you call it: its key is made the first time, and stays in the home')
    .argument('<cid>', 'content id, ticket or link')
    .option('--keep', 'go on until Ctrl-C and keep it published: records live for two days')
    .action(async (name: string, source: string, options: PublishCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runPublish(context, name, source, options))
    )
}

async function runPublish(
  context: CommandContext,
  label: string,
  source: string,
  { keep }: PublishCommandOptions
): Promise<number> {
  const { io, signal } = context
  const { loadOrCreateIdentity, parseSource } = await import('@p2pshare/core')
  const { root } = parseSource(source)
  checkLabel(label)
  const node = await joinNetwork(context)
  const key = await loadOrCreateIdentity(await nameKeyPath(context.options, label))
  io.status(() => 'telling the nodes near the name')
  const published = node.services.dht.names.publish(key, root, { signal })
  const { name, sequence, validUntil } = await published.catch((error: unknown) => {
    throw blameBootstrap(error, context, node)
  })
  io.clearStatus()
  io.result(name)
  io.event(cliEvent('name.published', { name, cid: root.toString(), sequence: String(sequence), validUntil }))
  io.note(
    io.dim(`stands for ${root.toString()} until ${new Date(validUntil).toISOString()}, version ${String(sequence)}`)
  )
  if (keep !== true) {
    return EXIT_CODES.ok.code
  }
  io.note('\nKeeping it published. Leave this running; Ctrl-C stops it.')
  await untilAborted(signal)
  return stoppedBy(signal)?.signal === 'SIGTERM' ? EXIT_CODES.ok.code : EXIT_CODES.interrupted.code
}

import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import type { Ban } from '@p2pshare/core'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'

interface AddOptions {
  readonly for?: string
}

/** `p2pshare bans`: whom this home has nothing to do with. Other processes of the home notice within seconds. */
export function bansCommand(start: StartCommand): Command {
  const list = new Command('list')
    .description('peers that are not asked, served or dialled, the oldest ban first')
    .action(async (_options: object, command: Command) => start(command.optsWithGlobals(), runList))
  const add = new Command('add')
    .description('ban a peer over all shares')
    .argument('<peer>', 'peer id')
    .option('--for <duration>', 'how long (default: until it is removed)')
    .action(async (peer: string, options: AddOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runAdd(context, peer, options))
    )
  const remove = new Command('remove')
    .description('end a ban, and forget what the peer did')
    .argument('<peer>', 'peer id')
    .action(async (peer: string, _options: object, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runRemove(context, peer))
    )
  return new Command('bans')
    .description('peers that this home has nothing to do with: list, add, remove')
    .addCommand(list, { isDefault: true })
    .addCommand(add)
    .addCommand(remove)
}

async function runList(context: CommandContext): Promise<number> {
  const { io } = context
  const node = await context.openNode()
  const bans = node.bans()
  for (const ban of bans) {
    io.row(rowOf(ban))
    io.event(cliEvent('ban', fieldsOf(ban)))
  }
  if (bans.length === 0) {
    io.note('nobody is banned')
  }
  return EXIT_CODES.ok.code
}

async function runAdd(context: CommandContext, text: string, options: AddOptions): Promise<number> {
  const { io, signal } = context
  const peer = parsePeer(text)
  // a ban is a date and no timer: how long one may be is for the node to say
  const forMs = options.for === undefined ? undefined : parseDuration(options.for, Number.MAX_SAFE_INTEGER)
  const node = await context.openNode()
  const ban = await node.ban(peer, { signal, ...(forMs === undefined ? {} : { durationMs: forMs }) })
  io.row(rowOf(ban))
  io.event(cliEvent('ban', fieldsOf(ban)))
  return EXIT_CODES.ok.code
}

async function runRemove(context: CommandContext, text: string): Promise<number> {
  const { io, signal } = context
  const peer = parsePeer(text)
  const node = await context.openNode()
  const wasBanned = await node.unban(peer, { signal })
  io.event(cliEvent('ban.removed', { peer: text, wasBanned }))
  io.note(wasBanned ? `${text} is not banned any more` : `${text} was not banned`)
  return EXIT_CODES.ok.code
}

/** Peer id, reason, since, until or `-`, how often it did that. */
function rowOf({ peer, reason, since, until, count }: Ban): string[] {
  return [peer.toString(), reason, timeOf(since), until === undefined ? '-' : timeOf(until), String(count)]
}

function fieldsOf({ peer, reason, since, until, count }: Ban): Record<string, unknown> {
  const end = until === undefined ? {} : { until: timeOf(until) }
  return { peer: peer.toString(), reason, since: timeOf(since), ...end, count }
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}

function parsePeer(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (cause) {
    throw new UsageError(`'${text}' is not a peer id`, 'p2pshare peers and p2pshare get --json tell peer ids', {
      cause
    })
  }
}

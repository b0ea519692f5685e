import { Command } from 'commander'
import type { Announcement, P2PShareNode } from '@p2pshare/core'
import type { CID } from 'multiformats/cid'
import type { CommandContext, StartCommand } from '../../context.ts'
import { countDownTo } from '../../countdown.ts'
import { announcementEvent, announcementFields } from '../../dht-view.ts'
import { NotAnnouncedError } from '../../errors.ts'
import { EXIT_CODES } from '../../exit-codes.ts'
import { joinNetwork } from '../../meet.ts'
import { blameBootstrap } from '../../not-found.ts'
import { sleep } from '../../sleep.ts'

const DEFAULT_TIMEOUT_MS = 30_000

const POLL_MS = 50

/** `p2pshare dht provide`: put records of this node at the nodes near a content id, once. */
export function dhtProvideCommand(start: StartCommand): Command {
  return new Command('provide')
    .description(
      'tell the nodes near a content id that this node serves it, once (share does it for as long as it runs)'
    )
    .argument('<cid>', 'content id, ticket or link')
    .action(async (source: string, _options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runProvide(context, source))
    )
}

async function runProvide(context: CommandContext, source: string): Promise<number> {
  const { io, options } = context
  const { parseSource } = await import('@p2pshare/core')
  const { root } = parseSource(source)
  const node = await joinNetwork(context)
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  await countDownTo(context, 'telling the nodes near the content id', timeoutMs, async (until) => {
    await node.services.dht.provide(root, { signal: until })
    // five have it: the rest follows
    while (!until.aborted && announcementsOf(node, root).some(({ complete, holders }) => holders > 0 && !complete)) {
      await sleep(POLL_MS, until)
    }
  })
  const announcements = announcementsOf(node, root)
  for (const announcement of announcements) {
    io.row(announcementFields(announcement))
    io.event(announcementEvent(announcement))
  }
  if (announcements.every(({ holders }) => holders === 0)) {
    throw blameBootstrap(new NotAnnouncedError(root.toString()), context, node)
  }
  io.note(io.dim('found as long as this node serves it under the same addresses'))
  return EXIT_CODES.ok.code
}

function announcementsOf({ services }: P2PShareNode, root: CID): Announcement[] {
  return services.dht.announcements().filter((announcement) => announcement.root.equals(root))
}

import { Command } from 'commander'
import type { Member, MembershipView } from '@p2pshare/interface'
import type { CommandContext, StartCommand } from '../context.ts'
import { withDeadline } from '../deadline.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import {
  changeLine,
  countsOf,
  countsText,
  memberEvent,
  memberLine,
  membersTable,
  sortMembers
} from '../members-view.ts'
import type { MemberChange } from '../members-view.ts'
import { NOBODY_THERE, meetOthers } from '../meet.ts'
import { sleep } from '../sleep.ts'
import { stoppedBy } from '../stopped.ts'

/** How often ages and round trips on a screen are renewed. */
const REDRAW_MS = 500

const CHANGES: readonly MemberChange[] = ['join', 'leave', 'suspect', 'alive', 'dead', 'update']

export interface MembersCommandOptions {
  readonly watch?: boolean
}

/** `p2pshare members`: who is alive in the whole network, connected to us or not. */
export function membersCommand(start: StartCommand): Command {
  return new Command('members')
    .description('join, wait a moment (--timeout, 3s), and list who is alive, suspect, dead or has left')
    .option('-w, --watch', 'go on until Ctrl-C (or --timeout): a live table on a terminal, else a line a change')
    .action(async (options: MembersCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), options.watch === true ? watchMembers : listMembers)
    )
}

async function listMembers(context: CommandContext): Promise<number> {
  const { io } = context
  // a newcomer is told of all members with its first contact
  const node = await meetOthers(context)
  const members = sortMembers(node.services.gossip.members())
  const lines = io.isTerminal ? membersTable(members, Date.now()) : members.map(memberLine)
  if (members.length > 0) {
    lines.forEach((line) => io.result(line))
  }
  members.forEach((member) => io.event(memberEvent(member)))
  io.event(cliEvent('members', countsOf(members)))
  io.note(members.length === 0 ? NOBODY_THERE : io.dim(countsText(members)))
  return EXIT_CODES.ok.code
}

/** Ends with Ctrl-C (130), SIGTERM (0), or when the time is up (0). */
async function watchMembers(context: CommandContext): Promise<number> {
  const { options, signal } = context
  const node = await context.openNode()
  const { gossip } = node.services
  const show = context.io.isTerminal && !context.io.json ? watchOnScreen : watchAsLines
  const until = async (ends: AbortSignal): Promise<void> => show(context, gossip, ends)
  try {
    await (options.timeoutMs === undefined ? until(signal) : withDeadline(signal, options.timeoutMs, until))
  } catch (error) {
    if (!signal.aborted) {
      throw error
    }
  }
  return signal.aborted && stoppedBy(signal)?.signal !== 'SIGTERM' ? EXIT_CODES.interrupted.code : EXIT_CODES.ok.code
}

/** First those that are known, as if they had just joined; then one line a change. */
async function watchAsLines({ io }: CommandContext, gossip: MembershipView, ends: AbortSignal): Promise<void> {
  const tell = (change: MemberChange, member: Member): void => {
    const at = Date.now()
    io.result(changeLine(change, member, at))
    io.event(memberEvent(member, change, at))
  }
  const stops = CHANGES.map((change) => listen(gossip, change, tell))
  sortMembers(gossip.members()).forEach((member) => {
    tell('join', member)
  })
  while (!ends.aborted) {
    await sleep(REDRAW_MS, ends)
  }
  stops.forEach((stop) => {
    stop()
  })
}

/** A table that is drawn over itself. */
async function watchOnScreen({ io }: CommandContext, gossip: MembershipView, ends: AbortSignal): Promise<void> {
  while (!ends.aborted) {
    const members = sortMembers(gossip.members())
    io.screen((columns, rows) => [
      `${countsText(members)}   (Ctrl-C ends)`,
      ...membersTable(members, Date.now(), columns, Math.max(2, rows - 2))
    ])
    await sleep(REDRAW_MS, ends)
  }
  io.leaveScreen()
}

function listen(
  gossip: MembershipView,
  change: MemberChange,
  tell: (change: MemberChange, member: Member) => void
): () => void {
  const listener = ({ detail }: CustomEvent<Member>): void => {
    tell(change, detail)
  }
  gossip.addEventListener(`member:${change}`, listener)
  return () => {
    gossip.removeEventListener(`member:${change}`, listener)
  }
}

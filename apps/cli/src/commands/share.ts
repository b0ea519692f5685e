import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { PathKind } from '@p2pshare/interface'
import type { P2PShareNode, PeerInfoView, Share, ShareResult } from '@p2pshare/core'
import type { CommandContext, StartCommand } from '../context.ts'
import { NoSuchPathError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent, shareReady } from '../json.ts'
import type { ImportProgress } from '@p2pshare/core'
import { PathColumn } from '../path-column.ts'
import { printable } from '../printable.ts'
import { serveLine } from '../progress.ts'
import { createRate } from '../rate.ts'
import { shellCommand, withoutKey } from '../shell.ts'
import { sleep } from '../sleep.ts'
import { stoppedBy } from '../stopped.ts'
import { tellPunches } from '../tell-punches.ts'
import { tellShares } from '../tell-shares.ts'
import { count, formatBytes, formatRate, formatSeconds } from '../units.ts'

/** How often the line about receivers is looked at again. */
const SERVE_POLL_MS = 500

export interface ShareCommandOptions {
  readonly hidden?: boolean
  readonly private?: boolean
}

/** `p2pshare share`: import in place, print a ticket, serve until told to stop. */
export function shareCommand(start: StartCommand): Command {
  return new Command('share')
    .description('share files and directories in place until Ctrl-C; prints a ticket for each')
    .argument('<path...>', 'files and directories')
    .option('--hidden', 'include entries whose name starts with a dot')
    .option('--private', 'seal names and content: only who has the ticket can read them')
    .action(async (paths: string[], options: ShareCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runShare(context, paths, options))
    )
}

async function runShare(
  context: CommandContext,
  paths: readonly string[],
  options: ShareCommandOptions
): Promise<number> {
  const { io, signal } = context
  const places = new Set(paths.map((given) => resolve(given)))
  for (const place of places) {
    await checkThere(place) // all of them, before the first ticket is given out
  }
  const node = await context.openNode()
  tellPunches(node, io)
  tellShares(node, io)
  const roots = new Set<string>()
  for (const path of places) {
    const share = await shareOne(context, node, path, options)
    announce(context, node, share)
    roots.add(share.root.toString())
  }
  io.note('\nSharing. Leave this running; Ctrl-C stops it.\n')
  await serve(context, node, roots)
  // the next process of this home must not go on with what was stopped here
  await Promise.allSettled([...roots].map(async (root) => node.unshare(root)))
  const stopped = stoppedBy(signal)
  const again = shellCommand([...context.program, ...context.argv])
  io.note(`stopped sharing; the files stay where they are. To share again:\n\n  ${printable(again)}\n`)
  // being told to stop by the system is how a long-running process ends well
  return stopped?.signal === 'SIGTERM' ? EXIT_CODES.ok.code : EXIT_CODES.interrupted.code
}

async function checkThere(path: string): Promise<void> {
  try {
    await access(path)
  } catch {
    throw new NoSuchPathError(path)
  }
}

async function shareOne(
  context: CommandContext,
  node: P2PShareNode,
  path: string,
  options: ShareCommandOptions
): Promise<ShareResult> {
  const { io, now, signal } = context
  const startedAt = now()
  const skipped = { hidden: 0, special: 0 }
  const onProgress = (event: ImportProgress): void => {
    if (event.type === 'import.skipped') {
      skipped[event.reason] += 1
      return
    }
    const seconds = Math.max(0.001, (now() - startedAt) / 1000)
    io.status(
      () => `reading  ${count(event.files, 'file')}  ${formatBytes(event.bytes)}  ${formatRate(event.bytes / seconds)}`
    )
  }
  const profile = context.options.profile
  const share = await node.share(path, {
    signal,
    onProgress,
    hidden: options.hidden === true,
    private: options.private === true,
    ...(profile === undefined ? {} : { profile })
  })
  io.clearStatus()
  const took = formatSeconds((now() - startedAt) / 1000)
  const files = share.kind === 'directory' ? `${count(share.files, 'file')}, ` : ''
  io.note(`${io.bold(printable(share.name))}  ${files}${formatBytes(share.bytes)}, ready in ${took}`)
  io.note(io.dim(share.root.toString()))
  if (skipped.hidden > 0) {
    io.note(`left out: ${count(skipped.hidden, 'hidden entry', 'hidden entries')} (--hidden takes them in)`)
  }
  if (skipped.special > 0) {
    io.warn(`left out: ${count(skipped.special, 'entry', 'entries')} that is neither a file nor a directory`)
  }
  return share
}

function announce(context: CommandContext, node: P2PShareNode, share: ShareResult): void {
  const { io } = context
  io.event(shareReady(share, { peerId: node.peerId.toString(), addresses: node.addresses() }))
  if (share.secret !== undefined) {
    io.note('\nPrivate: the ticket has the key behind the #. Who has it can read the share, and nobody else.')
  }
  io.note(`\nOn the other machine:\n`)
  io.resultIn(`  ${shellCommand([...context.program, 'get'])} `, share.ticket, withoutKey(share.ticket))
}

/** Show what receivers take until the signal aborts. */
async function serve(context: CommandContext, node: P2PShareNode, roots: ReadonlySet<string>): Promise<void> {
  const { io, now, signal } = context
  const rate = createRate()
  const paths = new PathColumn()
  let told = '0 0'
  let evented = 0
  while (!signal.aborted) {
    const shares = node.shares().filter(({ root }) => roots.has(root.toString()))
    const bytesSent = shares.reduce((sum, share) => sum + share.bytesSent, 0)
    const bytesShared = shares.reduce((sum, share) => sum + share.bytes, 0)
    const known = node.peers()
    const peers = known.filter(({ path }) => path.kind !== 'none').length
    const rateBps = rate(bytesSent, now())
    const receivers = receiversOf(shares).map((receiver) => withPath(receiver, known, paths))
    const news = `${bytesSent} ${peers}`
    // a line that is redrawn may stand still; a log is for what changed
    const due = io.columns !== undefined || news !== told
    if (due && io.status((columns) => serveLine({ bytesSent, bytesShared, rateBps, peers, receivers }, columns))) {
      told = news
    }
    if (bytesSent !== evented) {
      evented = bytesSent
      io.event(cliEvent('share.progress', { bytesSent, rateBps: Math.round(rateBps), peers, receivers }))
    }
    await sleep(SERVE_POLL_MS, signal)
  }
  io.clearStatus()
}

interface Receiver {
  readonly peer: string
  readonly bytes: number
  readonly path?: PathKind
  readonly pathBefore?: PathKind
}

function withPath(receiver: Receiver, peers: readonly PeerInfoView[], paths: PathColumn): Receiver {
  const path = peers.find(({ id }) => id.toString() === receiver.peer)?.path.kind ?? 'none'
  const pathBefore = paths.see(receiver.peer, path)
  return { ...receiver, path, ...(pathBefore === undefined ? {} : { pathBefore }) }
}

/** What each peer was sent of all shares together. */
function receiversOf(shares: readonly Pick<Share, 'receivers'>[]): Receiver[] {
  const sums = new Map<string, number>()
  for (const { peer, bytes } of shares.flatMap(({ receivers }) => receivers)) {
    const key = peer.toString()
    sums.set(key, (sums.get(key) ?? 0) + bytes)
  }
  return [...sums].map(([peer, bytes]) => ({ peer, bytes }))
}

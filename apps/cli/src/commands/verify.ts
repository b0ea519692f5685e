import { Command } from 'commander'
import type { P2PShareNode, VerifyReport } from '@p2pshare/core'
import type { CommandContext, StartCommand } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import { printable } from '../printable.ts'
import { count, formatBytes } from '../units.ts'

/** What a command says that has no share to look at. */
export const NOTHING_SHARED = 'nothing is shared from this home: p2pshare share makes a share, for as long as it runs'

/** `p2pshare verify`: read and hash what is shared from this home. */
export function verifyCommand(start: StartCommand): Command {
  return new Command('verify')
    .description('read and hash the shares of this home; what is damaged is shared no more')
    .argument('[cid...]', 'content ids (default: all shares)')
    .action(async (cids: string[], _options: object, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runVerify(context, cids))
    )
}

async function runVerify(context: CommandContext, cids: readonly string[]): Promise<number> {
  const { io, signal } = context
  const node = await context.openNode()
  const chosen = chooseShares(node, cids)
  if (chosen.length === 0) {
    io.note(NOTHING_SHARED)
  }
  let damaged = 0
  for (const share of chosen) {
    const cid = share.root.toString()
    const report = await node.services.transfer.verify(share.root, {
      signal,
      onProgress: (bytes) => io.status(() => `reading  ${formatBytes(bytes)} of ${formatBytes(share.bytes)}`)
    })
    io.clearStatus()
    damaged += report.damaged.length
    tell(context, cid, share.name, report)
    if (report.damaged.length > 0) {
      // the next process of this home must not go on with it
      await node.unshare(share.root)
    }
  }
  return damaged === 0 ? EXIT_CODES.ok.code : EXIT_CODES.disk.code
}

function chooseShares(node: P2PShareNode, cids: readonly string[]): ReturnType<P2PShareNode['shares']> {
  const shares = node.shares()
  const unknown = cids.find((cid) => !shares.some(({ root }) => root.toString() === cid))
  if (unknown !== undefined) {
    throw new UsageError(`'${unknown}' is not a share of this home`, 'without a content id, all shares are verified')
  }
  return cids.length === 0 ? shares : shares.filter(({ root }) => cids.includes(root.toString()))
}

function tell({ io }: CommandContext, cid: string, name: string, { bytes, damaged }: VerifyReport): void {
  io.event(cliEvent('verify.share', { cid, bytes, damaged }))
  io.row([damaged.length === 0 ? 'ok' : 'damaged', cid, String(bytes), printable(name)])
  for (const { path, problem } of damaged) {
    io.warn(`${printable(path === '' ? name : path)} ${problem}`)
  }
  if (damaged.length > 0) {
    io.note(`${count(damaged.length, 'damaged file')}: it is not shared any more; share it again for what it is now`)
  }
}

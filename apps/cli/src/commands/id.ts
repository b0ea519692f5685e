import { resolve } from 'node:path'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { cliEvent } from '../json.ts'
import type { ImportProgress } from '@p2pshare/core'
import { count, formatBytes } from '../units.ts'

export interface IdCommandOptions {
  readonly hidden?: boolean
}

/** `p2pshare id`: the CID, without sharing. */
export function idCommand(start: StartCommand): Command {
  return new Command('id')
    .description('print the content id of files and directories, without sharing them')
    .argument('<path...>', 'files and directories')
    .option('--hidden', 'include entries whose name starts with a dot')
    .action(async (paths: string[], options: IdCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runId(context, paths, options))
    )
}

async function runId(context: CommandContext, paths: readonly string[], options: IdCommandOptions): Promise<number> {
  const { io, signal } = context
  const { profile } = context.options
  const { importId } = await import('@p2pshare/core')
  const onProgress = (event: ImportProgress): void => {
    if (event.type === 'import.progress') {
      io.status(() => `reading  ${count(event.files, 'file')}  ${formatBytes(event.bytes)}`)
    }
  }
  for (const path of paths) {
    const cid = await importId(resolve(path), {
      signal,
      onProgress,
      hidden: options.hidden === true,
      ...(profile === undefined ? {} : { profile })
    })
    io.clearStatus()
    io.result(cid.toString())
    io.event(cliEvent('id', { path, cid: cid.toString() }))
  }
  return EXIT_CODES.ok.code
}

import { Command } from 'commander'
import type { StartCommand } from '../../context.ts'
import { dhtFindCommand } from './find.ts'
import { dhtProvideCommand } from './provide.ts'
import { dhtStatusCommand } from './status.ts'
import { dhtTableCommand } from './table.ts'
import { dhtTraceCommand } from './trace.ts'

/** `p2pshare dht`: what the distributed hash table does and knows. */
export function dhtCommand(start: StartCommand): Command {
  return new Command('dht')
    .description('look into the distributed hash table: find, provide, status, table, trace')
    .addCommand(dhtFindCommand(start))
    .addCommand(dhtProvideCommand(start))
    .addCommand(dhtStatusCommand(start))
    .addCommand(dhtTableCommand(start))
    .addCommand(dhtTraceCommand(start))
}

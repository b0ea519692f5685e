import { Command } from 'commander'
import { bansCommand } from './commands/bans.ts'
import { catCommand } from './commands/cat.ts'
import { daemonCommand } from './commands/daemon.ts'
import { dhtCommand } from './commands/dht/index.ts'
import { doctorCommand } from './commands/doctor.ts'
import { findCommand } from './commands/find.ts'
import { getCommand } from './commands/get.ts'
import { idCommand } from './commands/id.ts'
import { membersCommand } from './commands/members.ts'
import { networkCommand } from './commands/network.ts'
import { peersCommand } from './commands/peers.ts'
import { publishCommand } from './commands/publish.ts'
import { resolveCommand } from './commands/resolve.ts'
import { scrubCommand } from './commands/scrub.ts'
import { shareCommand } from './commands/share.ts'
import { verifyCommand } from './commands/verify.ts'
import type { StartCommand } from './context.ts'
import { exitCodeLines } from './exit-codes.ts'
import { addGlobalOptions } from './global-options.ts'

const COMMANDS: Readonly<Record<string, (start: StartCommand) => Command>> = {
  share: shareCommand,
  get: getCommand,
  cat: catCommand,
  id: idCommand,
  verify: verifyCommand,
  scrub: scrubCommand,
  peers: peersCommand,
  members: membersCommand,
  find: findCommand,
  dht: dhtCommand,
  publish: publishCommand,
  resolve: resolveCommand,
  bans: bansCommand,
  network: networkCommand,
  doctor: doctorCommand,
  daemon: daemonCommand
}

export interface ProgramInit {
  readonly version: string
  /** The first word of the command line. */
  readonly first: string | undefined
  readonly start: StartCommand
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** The whole command line. Parsing errors are thrown as `CommanderError`. */
export function createProgram(init: ProgramInit): Command {
  const program = new Command('p2pshare')
    .description('Share files, find them and get them, from peer to peer.')
    .version(init.version, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', ({ command }) => (command.parent === null ? epilog() : ''))
  addGlobalOptions(program)
  // the one that is run, when the first word says which; any other line may need all of them, for help and suggestions
  const { first = '' } = init
  const named = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  for (const create of named === undefined ? Object.values(COMMANDS) : [named]) {
    program.addCommand(create(init.start))
  }
  // settings are inherited by commands created by `command()` only, not by `addCommand()`
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands: below }) => below)]) {
    if (command.commands.length > 0) {
      command.helpCommand('help [command]', 'print the help of a command')
    }
    command
      .helpOption('-h, --help', 'print this help')
      .exitOverride()
      .configureOutput({ writeOut: init.out, writeErr: init.err, outputError: () => undefined })
      .configureHelp({ showGlobalOptions: true })
  }
  return program
}

function epilog(): string {
  return `
First steps:
  p2pshare share holiday/          prints a ticket and waits for receivers
  p2pshare get <ticket>            on the other machine

Exit codes:
${exitCodeLines().join('\n')}

Results go to stdout; progress and hints to stderr. Colours are off with NO_COLOR.`
}

// npm run netlab -- COMMAND: build networks, look at them, run programs in them. `--help` tells the rest.
import { Command, Option } from 'commander'
import { once } from 'node:events'
import { buildLab, listLabs, openLab } from './build.ts'
import { NotInLabError } from './errors.ts'
import { EXTRA_SERVERS } from './options.ts'
import type { LabOptions, LinkOptions } from './options.ts'
import { NAT_TYPES } from './nat-types.ts'
import type { NatType } from './nat-types.ts'
import { removeLab } from './remove.ts'
import { stopSignal } from './stopping.ts'
import { describeLab, tellClass, tellErrors, tellTypes } from './tell.ts'
import type { Lab } from './types.ts'

/** As a shell has it for what Ctrl-C ended. */
const EXIT_STOPPED = 130

interface BuildFlags {
  readonly name: string
  readonly relays: number
  readonly servers: boolean
  readonly delays?: Readonly<Record<string, number>>
  readonly jitter?: number
  readonly loss?: number
  readonly rate?: number
  readonly seed: number
  readonly ground: 'auto' | 'root' | 'user'
}

interface LinkFlags {
  readonly name: string
  readonly delay?: number
  readonly jitter?: number
  readonly loss?: number
  readonly rate?: number
  readonly mtu?: number
}

const program = new Command('netlab')
  .description('real networks with routers and NATs on one machine')
  .enablePositionalOptions()
const say = (text: string): void => void process.stdout.write(`${text}\n`)

withBuildFlags(program.command('up'))
  .description('build a lab and leave it running')
  .argument('[a]', 'network of host a', 'port-restricted')
  .argument('[b]', 'network of host b', 'port-restricted')
  .action(async (a: NatType, b: NatType, flags: BuildFlags) => {
    const lab = await buildLab(toOptions(a, b, flags), { signal: stopSignal() })
    say(describeLab(lab))
  })

// building removes what has the name: a lab that is wanted is not to go for a look at another
withBuildFlags(program.command('try'), `try-${process.pid}`)
  .description('build a lab, classify both sides, remove it')
  .argument('<a>', 'network of host a')
  .argument('<b>', 'network of host b')
  .action(async (a: NatType, b: NatType, flags: BuildFlags) => {
    const signal = stopSignal()
    await using lab = await buildLab(toOptions(a, b, flags), { signal })
    say(describeLab(lab))
    await tellClasses(lab, ['a', 'b'], signal)
  })

program
  .command('down')
  .description('remove a lab and everything that runs in it')
  .argument('[name]', 'which', 'lab')
  .option('--all', 'all labs of this user', false)
  .action(async (name: string, { all }: { all: boolean }) => {
    for (const each of all ? await listLabs() : [name]) {
      await removeLab(each)
    }
  })

named(program.command('classify'))
  .description('what NAT hosts are behind, as the relay sees it')
  .argument('[hosts...]', 'which; all sides if none is given')
  .action(async (hosts: string[], { name }: { name: string }) => {
    const lab = await existing(name)
    const sides = Object.values(lab.hosts).flatMap((host) => (host?.type === undefined ? [] : [host.name]))
    await tellClasses(lab, hosts.length > 0 ? hosts : sides, stopSignal())
  })

named(program.command('exec'))
  .description('run a program on a host or router (a, b, relay, a-router ...)')
  .argument('<host>')
  .argument('<command...>')
  .passThroughOptions()
  .action(async (host: string, words: string[], { name }: { name: string }) => {
    const lab = await existing(name)
    const [command = '', ...args] = words[0] === '--' ? words.slice(1) : words
    const child = lab.host(host).spawn(command, args, { stdio: 'inherit' })
    // from a terminal the program has Ctrl-C too, and may go on
    process.on('SIGINT', () => undefined)
    process.on('SIGTERM', (name) => child.kill(name)).on('SIGHUP', (name) => child.kill(name))
    const [code] = (await once(child, 'exit')) as [number | null]
    process.exitCode = code ?? 1
  })

named(program.command('link'))
  .description('change the link of a side or server while it is used; tell it if nothing is to change')
  .argument('<host>')
  .addOption(numeric('--delay <ms>', 'one-way delay'))
  .addOption(numeric('--jitter <ms>', 'at most this much is added'))
  .addOption(numeric('--loss <percent>', 'lost, each way'))
  .addOption(numeric('--rate <mbit>', 'speed in Mbit/s, 0 for no limit'))
  .addOption(numeric('--mtu <bytes>', 'biggest packet'))
  .action(async (host: string, { name, ...flags }: LinkFlags) => {
    const lab = await existing(name)
    await lab.setLink(host, toLink(flags), { signal: stopSignal() })
    say(JSON.stringify(lab.link(host)))
  })

named(program.command('restart'))
  .description('the routers of a side forget every flow and mapping, as after a power cut')
  .argument('<side>')
  .addOption(numeric('--outage <ms>', 'nothing passes meanwhile').default(0))
  .action(async (side: string, { name, outage }: { name: string; outage: number }) => {
    await (await existing(name)).restartRouter(side, { outageMs: outage, signal: stopSignal() })
  })

named(program.command('address'))
  .description('give a side another public address')
  .argument('<side>')
  .action(async (side: string, { name }: { name: string }) => {
    say((await (await existing(name)).changeAddress(side, { signal: stopSignal() })).join(' '))
  })

named(program.command('stats'))
  .description('what the switch counted on each link')
  .action(async ({ name }: { name: string }) => {
    console.table(Object.fromEntries(await (await existing(name)).counters({ signal: stopSignal() })))
  })

program
  .command('list')
  .description('labs of this user')
  .action(async () => {
    for (const name of await listLabs()) {
      const lab = await openLab(name)
      say(lab === undefined ? `${name} (broken; netlab down ${name})` : describeLab(lab))
    }
  })

program
  .command('types')
  .description('kinds of networks a host can be put in')
  .action(() => say(tellTypes(NAT_TYPES)))

function named(command: Command, name = 'lab'): Command {
  return command.option('-n, --name <lab>', 'which lab', name)
}

function withBuildFlags(command: Command, name?: string): Command {
  return named(command, name)
    .addOption(numeric('--relays <count>', 'relay hosts').default(1))
    .option('--servers', `four more public servers: ${EXTRA_SERVERS.join(', ')}`, false)
    .option('--delays <host=ms,...>', 'one-way delays, such as a=15,b=25,relay=5', toDelays)
    .addOption(numeric('--jitter <ms>', 'on the links of a and b'))
    .addOption(numeric('--loss <percent>', 'on the links of a and b, each way'))
    .addOption(numeric('--rate <mbit>', 'of the links of a and b, in Mbit/s'))
    .addOption(numeric('--seed <number>', 'of losses and jitter').default(1))
    .addOption(
      new Option('--ground <kind>', 'where namespaces are made').choices(['auto', 'root', 'user']).default('auto')
    )
}

function numeric(flags: string, description: string): Option {
  return new Option(flags, description).argParser(Number)
}

function toDelays(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [host = '', ms = ''] = pair.split('=')
      return [host, Number(ms || Number.NaN)]
    })
  )
}

function toOptions(a: NatType, b: NatType, flags: BuildFlags): LabOptions {
  return {
    ...{ a, b, name: flags.name, relays: flags.relays, seed: flags.seed, ground: flags.ground },
    extraServers: flags.servers ? EXTRA_SERVERS : [],
    ...(flags.delays !== undefined && { delays: flags.delays }),
    ...(flags.jitter !== undefined && { jitterMs: flags.jitter }),
    ...(flags.loss !== undefined && { lossPercent: flags.loss }),
    ...(flags.rate !== undefined && { rateMbit: flags.rate })
  }
}

function toLink({ delay, jitter, loss, rate, mtu }: Omit<LinkFlags, 'name'>): LinkOptions {
  return {
    ...(delay !== undefined && { delayMs: delay }),
    ...(jitter !== undefined && { jitterMs: jitter }),
    ...(loss !== undefined && { lossPercent: loss }),
    ...(rate !== undefined && { rateMbit: rate }),
    ...(mtu !== undefined && { mtuBytes: mtu })
  }
}

async function existing(name: string): Promise<Lab> {
  const lab = await openLab(name)
  if (lab === undefined) {
    throw new NotInLabError(`there is no lab ${name}`, `make it: npm run netlab -- up --name ${name}`)
  }
  return lab
}

async function tellClasses(lab: Lab, hosts: readonly string[], signal: AbortSignal): Promise<void> {
  for (const host of hosts) {
    say(tellClass(await lab.classify(host, { signal })))
  }
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(tellErrors(error))
  process.exitCode = error instanceof Error && error.name === 'AbortError' ? EXIT_STOPPED : 1
}

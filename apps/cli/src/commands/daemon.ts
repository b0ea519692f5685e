import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { DaemonStartError } from '../errors.ts'
import type { GlobalOptions } from '../global-options.ts'
import { stoppedBy } from '../stopped.ts'

const PACKAGE = '@p2pshare/node-server'
const BIN = 'p2pshare-node-server'

export interface DaemonCommandOptions {
  readonly config?: string
}

/** `p2pshare daemon`: start the node-server as a process of its own. */
export function daemonCommand(start: StartCommand): Command {
  return new Command('daemon')
    .description('run a bootstrap, relay and seed node (@p2pshare/node-server) until Ctrl-C')
    .option('--config <file>', 'JSON configuration of the node-server')
    .action(async (options: DaemonCommandOptions, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runDaemon(context, options))
    )
}

/** The child has our stdout and stderr; we only pass signals on and end with its exit code. */
async function runDaemon(context: CommandContext, options: DaemonCommandOptions): Promise<number> {
  const { signal, execPath, env } = context
  const bin = await resolveBin()
  // slow to load, and no other command needs it
  const { spawn } = await import('node:child_process')
  const words = options.config === undefined ? [] : ['--config', options.config]
  const child = spawn(execPath, [bin, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, ...daemonEnv(context.options) }
  })
  const passOn = (): void => {
    child.kill(stoppedBy(signal)?.signal ?? 'SIGTERM')
  }
  signal.addEventListener('abort', passOn, { once: true })
  try {
    return await exitOf(child)
  } finally {
    signal.removeEventListener('abort', passOn)
  }
}

/** Global options as the node-server's environment. */
export function daemonEnv(options: GlobalOptions): Record<string, string> {
  const { home, listen, bootstrap, networkKey, allowNetwork, limitUp, limitDown } = options
  return {
    ...(home === undefined ? {} : { P2PSHARE_SERVER_HOME: home }),
    ...(listen === undefined ? {} : { P2PSHARE_SERVER_LISTEN: listen.join(',') }),
    ...(bootstrap === undefined ? {} : { P2PSHARE_SERVER_BOOTSTRAP: bootstrap.join(',') }),
    ...(networkKey === undefined ? {} : { P2PSHARE_SERVER_NETWORK_KEY: resolve(networkKey) }),
    ...(allowNetwork === undefined ? {} : { P2PSHARE_SERVER_ALLOW_NETWORKS: allowNetwork.join(',') }),
    ...(options.mdns ? {} : { P2PSHARE_SERVER_MDNS: 'false' }),
    ...(limitUp === undefined ? {} : { P2PSHARE_SERVER_LIMITS_UPLOAD_BYTES_PER_SECOND: String(limitUp) }),
    ...(limitDown === undefined ? {} : { P2PSHARE_SERVER_LIMITS_DOWNLOAD_BYTES_PER_SECOND: String(limitDown) })
  }
}

/** The file that the other package names in its `bin`: it is started, never imported. */
async function resolveBin(): Promise<string> {
  try {
    const manifest = import.meta.resolve(`${PACKAGE}/package.json`)
    const { bin } = JSON.parse(await readFile(new URL(manifest), 'utf8')) as { bin: Record<string, string> }
    return fileURLToPath(new URL(bin[BIN] ?? '', manifest))
  } catch (cause) {
    throw new DaemonStartError(`${PACKAGE} was not found`, { cause })
  }
}

async function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((settle, reject) => {
    child.once('error', (cause) => reject(new DaemonStartError(`${PACKAGE} did not start`, { cause })))
    child.once('exit', (code, signal) => {
      // as a shell counts a death by signal
      settle(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

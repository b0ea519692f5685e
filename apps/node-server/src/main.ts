import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { envNames } from './config/env.ts'
import { loadConfig } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { ConfigError } from './errors.ts'
import { onInterrupt } from '@p2pshare/interface'
import type { InterruptState } from '@p2pshare/interface'
import { startServer } from './server.ts'
import { EXIT_CODES, exitCodeOf, helpText } from './usage.ts'

/*
 * The only file that touches `process`: arguments, environment, streams, signals, exit code. It is loaded by
 * bin/p2pshare-node-server.js.
 */

// by name: this file is bundled into a folder of its own
const manifest = new URL(import.meta.resolve('@p2pshare/node-server/package.json'))
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
const STDERR = 2

async function serve(config: Config): Promise<number> {
  const logger = pino(
    { level: config.log.level, base: { pid: process.pid }, formatters: { level: (label) => ({ level: label }) } },
    // synchronous: the last lines before an exit are the ones that matter
    pino.destination({ dest: STDERR, sync: true })
  )
  // libp2p's event helpers leave rejections behind that nobody can catch: a server must not die of them
  process.on('unhandledRejection', (err) => logger.error({ err }, 'unhandled rejection'))
  const stopped = untilSignal()
  const server = await startServer(config, { version, pid: process.pid, logger, now: () => performance.now() })
  const peerId = server.node.peerId.toString()
  const addresses = server.node.addresses()
  process.stdout.write(`${JSON.stringify({ v: 1, type: 'server.ready', peerId, addresses, http: server.url })}\n`)
  logger.info({ peerId, addresses, http: server.url }, 'ready')
  const signal = await stopped
  logger.info({ signal }, 'stopping')
  try {
    await server.stop()
    logger.info('stopped')
    return EXIT_CODES.ok
  } catch (err) {
    logger.error({ err }, 'stopping failed')
    return EXIT_CODES.internal
  }
}

/** Resolves with the first signal that asks to stop; a later one ends the process. */
async function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let state: InterruptState = {}
    const onSignal = (signal: NodeJS.Signals): void => {
      const next = onInterrupt(state, performance.now())
      state = next.state
      if (next.action === 'stop') {
        resolve(signal)
      } else if (next.action === 'exit') {
        process.exit(EXIT_CODES.internal)
      }
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, onSignal)
    }
  })
}

async function main(): Promise<number> {
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpText(envNames().keys()))
    return EXIT_CODES.ok
  }
  if (argv.includes('--version') || argv.includes('-V')) {
    process.stdout.write(`${version}\n`)
    return EXIT_CODES.ok
  }
  try {
    return await serve(await loadConfig({ argv, env: process.env, cwd: process.cwd() }))
  } catch (error) {
    process.stderr.write(`${failureLine(error)}\n`)
    return exitCodeOf(error)
  }
}

/** One line of JSON, as everything on stderr is. */
function failureLine(error: unknown): string {
  const { code, message, advice, stack } = (error instanceof Error ? error : { message: String(error) }) as {
    code?: string
    message: string
    advice?: string
    stack?: string
  }
  const key = error instanceof ConfigError ? { key: error.key } : {}
  const trace = exitCodeOf(error) === EXIT_CODES.internal ? { stack } : {}
  return JSON.stringify({
    level: 'fatal',
    time: Date.now(),
    pid: process.pid,
    code,
    ...key,
    msg: message,
    advice,
    ...trace
  })
}

// nobody reads our one line of result: the service is still of use
process.stdout.on('error', () => undefined)

const code = await main()
await new Promise((resolve) => process.stdout.write('', resolve))
process.exit(code)

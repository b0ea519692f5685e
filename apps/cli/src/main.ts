import { readFileSync } from 'node:fs'
import { runCli } from './cli.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { unsetFlags } from './global-options.ts'
import { onInterrupt } from '@p2pshare/interface'
import type { InterruptState } from '@p2pshare/interface'
import { StoppedError } from './stopped.ts'
import type { StopSignal } from './stopped.ts'

/*
 * The only file that touches `process`: streams, signals, exit code. It is loaded by bin/p2pshare.js.
 */

// by name: this file is bundled into a folder of its own
const manifest = new URL(import.meta.resolve('@p2pshare/cli/package.json'))
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
const controller = new AbortController()
let interrupts: InterruptState = {}

function onSignal(signal: StopSignal): void {
  const { state, action } = onInterrupt(interrupts, performance.now())
  interrupts = state
  if (action === 'stop') {
    controller.abort(new StoppedError(signal))
  } else if (action === 'exit') {
    process.exit(signal === 'SIGINT' ? EXIT_CODES.interrupted.code : EXIT_CODES.terminated.code)
  }
}

process.on('SIGINT', () => onSignal('SIGINT'))
process.on('SIGTERM', () => onSignal('SIGTERM'))
// the terminal was closed
process.on('SIGHUP', () => onSignal('SIGTERM'))

// a reader that has seen enough, as in `| head -1`: stop cleanly, since nobody is left to tell anything to
process.stdout.on('error', () => controller.abort(new StoppedError('SIGPIPE')))
process.stderr.on('error', () => undefined)

// libp2p's event helpers leave rejections behind that nobody can catch: they must not end a transfer
process.on('unhandledRejection', (reason) => {
  if ((process.env['DEBUG'] ?? '') !== '') {
    process.stderr.write(`unhandled rejection: ${String(reason instanceof Error ? reason.stack : reason)}\n`)
  }
})

for (const name of unsetFlags(process.env)) {
  Reflect.deleteProperty(process.env, name)
}

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  execPath: process.execPath,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  version,
  now: () => performance.now()
})

// what was written to a pipe has to arrive first
await new Promise((resolve) => process.stdout.write('', resolve))
await new Promise((resolve) => process.stderr.write('', resolve))
process.exit(code)

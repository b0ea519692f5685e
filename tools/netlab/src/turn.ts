import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LabCommandError } from './errors.ts'
import { ensureTools } from './run/tools.ts'
import type { BuildOptions, LabHost } from './types.ts'

/** A TURN server (RFC 8656) on a host of a lab. Disposing of it ends it. */
export interface TurnServerOnHost extends AsyncDisposable {
  /** `turn:<host>:<port>` */
  readonly url: string
  readonly username: string
  readonly credential: string
  /** What it said so far: allocations, permissions, and bytes that went through. */
  log(): Promise<string>
}

const PORT = 3478
const USER = { username: 'lab', credential: 'secret' } as const
/** It opens its sockets as soon as it runs, on a machine that may be busy. */
const READY_MS = 30_000
const POLL_MS = 50

/**
 * Run coturn on a host with a public address; installed when it is missing and we may.
 *
 * @throws MissingToolsError where it is not and cannot be installed; LabCommandError when it does not come up
 */
export async function startTurnServer(host: LabHost, options: BuildOptions = {}): Promise<TurnServerOnHost> {
  await ensureTools({ compiler: false, upnp: false, turn: true }, options)
  const [address = ''] = host.addresses
  const folder = await mkdtemp(join(tmpdir(), 'p2pshare-netlab-turn-'))
  const logFile = join(folder, 'turn.log')
  const child = host.spawn(
    'turnserver',
    [
      ...['-n', '--listening-ip', address, '--relay-ip', address, '--listening-port', String(PORT)],
      ...['--realm', 'lab', '--user', `${USER.username}:${USER.credential}`, '--lt-cred-mech'],
      // what it writes to a pipe it keeps for itself for long
      ...['--no-tls', '--no-dtls', '--no-cli', '--verbose', '--log-file', logFile, '--simple-log'],
      ...['--pidfile', join(folder, 'pid')]
    ],
    { stdio: 'ignore' }
  )
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve))
  const log = async (): Promise<string> => readFile(logFile, 'utf8').catch(() => '')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  for (let waited = 0; !(await log()).includes('UDP listener opened on'); waited += POLL_MS) {
    if (waited >= READY_MS || child.exitCode !== null || options.signal?.aborted === true) {
      const result = { exitCode: child.exitCode, stdout: await log(), stderr: '' }
      await end()
      options.signal?.throwIfAborted()
      throw new LabCommandError('turnserver', result)
    }
    await delay(POLL_MS)
  }
  return { url: `turn:${address}:${PORT}`, ...USER, log, [Symbol.asyncDispose]: end }
}

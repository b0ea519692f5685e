import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Amounts, Implementation, KeyType, Listening, PeerOptions } from './peers.ts'

const minute = 60 * 1000

/** A first build compiles all of libp2p on one core. */
const BUILD_TIMEOUT_MS = 20 * minute
const RUN_TIMEOUT_MS = minute
/** Builds are for when nothing else has to be done. */
const LOWEST_PRIORITY = 19

const tool = join(import.meta.dirname, '..')
const cache = join(tool, '..', '..', 'node_modules', '.cache', 'p2pshare-interop')

/** How a peer in another language is built. */
interface Recipe {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  readonly binary: string
  readonly keyTypes: readonly KeyType[]
  readonly env: Readonly<Record<string, string>>
}

export const RECIPES: readonly Recipe[] = [
  {
    name: 'go-libp2p',
    command: 'go',
    args: ['build', '-p', '1', '-o', join(cache, 'go-peer'), '.'],
    folder: join(tool, 'go'),
    binary: join(cache, 'go-peer'),
    keyTypes: ['ed25519', 'secp256k1', 'ecdsa', 'rsa'],
    // not a toolchain from somewhere: the one that is here, or none
    env: { GOTOOLCHAIN: 'local' }
  },
  {
    name: 'rust-libp2p',
    command: 'cargo',
    args: ['build', '--release', '--locked', '--jobs', '1', '--target-dir', join(cache, 'rust')],
    folder: join(tool, 'rust'),
    binary: join(cache, 'rust', 'release', 'peer'),
    keyTypes: ['ed25519', 'secp256k1', 'ecdsa'],
    env: {}
  }
]

/** The implementation, or why it cannot be had on this machine. */
export async function build({
  name,
  command,
  args,
  folder,
  binary,
  keyTypes,
  env
}: Recipe): Promise<Implementation | string> {
  await mkdir(cache, { recursive: true })
  try {
    await run(command, args, { cwd: folder, env, timeoutMs: BUILD_TIMEOUT_MS, quietly: true })
  } catch (error) {
    return isMissing(error) ? `${command} is not installed` : `it could not be built: ${String(error)}`
  }
  return {
    name,
    keyTypes,
    listen: async (options) => listen(binary, options),
    dial: async ({ security, keyType }, address, { up, down }: Amounts) =>
      run(binary, ['dial', security, keyType, address, String(up), String(down)], { timeoutMs: RUN_TIMEOUT_MS })
  }
}

async function listen(binary: string, { security, keyType }: PeerOptions): Promise<Listening> {
  const child = spawn(binary, ['listen', security, keyType], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const signal = AbortSignal.timeout(RUN_TIMEOUT_MS)
  const [line] = (await once(lines, 'line', { signal })) as [string]
  return {
    address: line.replace('LISTEN ', ''),
    async stop() {
      child.stdin.end()
      await exited
    }
  }
}

interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly quietly?: boolean
}

/** What it printed; rejects with what it said to its error output when it fails. */
async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs, quietly }: RunOptions
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  if (quietly === true && child.pid !== undefined) {
    setPriority(child.pid, LOWEST_PRIORITY)
  }
  let [out, errors] = ['', '']
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) {
    throw new TypeError(errors.trim().split('\n').slice(-3).join(' / ') || `it ended with ${String(code)}`)
  }
  return out.trim()
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

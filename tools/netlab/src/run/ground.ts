import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { NoNamespacesError } from '../errors.ts'
import { run, toolEnvironment } from './command.ts'
import type { Argv } from './command.ts'
import { isAlive, killAll, markOf, processesIn } from './processes.ts'
import type { ProcessMark } from './processes.ts'

/**
 * Where a lab's namespaces are: the machine's own (`root`), or a user namespace that a sleeping process holds open
 * (`user`), in which anybody is root.
 */
export type Ground = { readonly kind: 'root' } | { readonly kind: 'user'; readonly holder: ProcessMark }

/** `ip netns` keeps its files in /run, which only root can write to; so the holder has a /run of its own. */
const HOLD = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && echo ready && exec sleep infinity > /dev/null 2>&1'

/** The command that runs `argv` on that ground. It becomes `argv`: its process id and signals are the command's. */
export function onGround(ground: Ground, argv: Argv): Argv {
  if (ground.kind === 'root') {
    return argv
  }
  const target = ['--target', String(ground.holder.pid), '--user', '--mount', '--net', '--preserve-credentials']
  return ['nsenter', ...target, '--', ...argv]
}

/** @throws NoNamespacesError when the system allows neither */
export async function findGround(wanted: 'auto' | 'root' | 'user', signal?: AbortSignal): Promise<Ground> {
  if (wanted !== 'user') {
    const asRoot = await run(['unshare', '--net', '--mount', 'true'], { signal, check: false })
    if (asRoot.exitCode === 0) {
      return { kind: 'root' }
    }
    if (wanted === 'root') {
      throw new NoNamespacesError(asRoot.stderr.trim())
    }
  }
  return { kind: 'user', holder: await holdUserNamespace(signal) }
}

/** Whether the ground is still there; the machine's own always is. */
export function exists(ground: Ground): boolean {
  return ground.kind === 'root' || isAlive(ground.holder)
}

/** End a user namespace and everything in it. */
export async function abandon(ground: Ground): Promise<void> {
  if (ground.kind === 'user' && isAlive(ground.holder)) {
    const ids = new Set([readlinkSync(`/proc/${ground.holder.pid}/ns/user`)])
    await killAll(() => processesIn('user', ids))
  }
}

async function holdUserNamespace(signal: AbortSignal | undefined): Promise<ProcessMark> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<ProcessMark>()
  const child = spawn('unshare', ['--user', '--map-root-user', '--net', '--mount', 'sh', '-c', HOLD], {
    env: toolEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  child.stdout.once('data', () => {
    const mark = child.pid === undefined ? undefined : markOf(child.pid)
    if (mark !== undefined) {
      resolve(mark)
    }
  })
  child.on('error', (error) => reject(new NoNamespacesError(error.message)))
  child.on('close', () => reject(new NoNamespacesError(complaint.trim())))
  const onAbort = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', onAbort)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
    child.unref()
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { MissingToolsError } from '../errors.ts'
import type { BuildOptions } from '../types.ts'
import { run, toolEnvironment } from './command.ts'

/** A program (or a header) and the Debian package it is in. */
interface Tool {
  readonly program: string
  readonly package: string
}

const ALWAYS: readonly Tool[] = [
  { program: 'ip', package: 'iproute2' },
  { program: 'nft', package: 'nftables' },
  { program: 'ethtool', package: 'ethtool' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'unshare', package: 'util-linux' }
]

const COMPILER: readonly Tool[] = [
  { program: 'gcc', package: 'gcc' },
  { program: '/usr/include/stdio.h', package: 'libc6-dev' }
]

const UPNP: Tool = { program: 'miniupnpd', package: 'miniupnpd-nftables' }

const TURN: Tool = { program: 'turnserver', package: 'coturn' }

/** Somebody else may be installing: two labs at the same time, or the machine itself. */
const INSTALL = ['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'] as const

/** What a lab is going to need. */
export interface Needs {
  readonly compiler: boolean
  readonly upnp: boolean
  /** A TURN server, which no lab needs by itself. @default false */
  readonly turn?: boolean
}

/**
 * See that the programs are there; install what is missing when we may, as root on a Debian-like system.
 *
 * @throws MissingToolsError
 */
export async function ensureTools(
  { compiler, upnp, turn = false }: Needs,
  { signal, install: mayInstall = true }: BuildOptions = {}
): Promise<void> {
  const needed = [...ALWAYS, ...(compiler ? COMPILER : []), ...(upnp ? [UPNP] : []), ...(turn ? [TURN] : [])]
  const missing = await missingOf(needed)
  if (missing.length === 0) {
    return
  }
  const complain = (tools: readonly Tool[], cause?: unknown) =>
    new MissingToolsError(
      tools.map(({ program }) => program),
      tools.map((tool) => tool.package),
      { cause }
    )
  if (!mayInstall || process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) {
    throw complain(missing)
  }
  try {
    await install(
      missing.map((tool) => tool.package),
      signal
    )
  } catch (cause) {
    signal?.throwIfAborted()
    throw complain(missing, cause)
  }
  const still = await missingOf(needed)
  if (still.length > 0) {
    throw complain(still)
  }
}

async function install(packages: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const env = { ...toolEnvironment(), DEBIAN_FRONTEND: 'noninteractive' }
  const first = await run([...INSTALL, ...packages], {
    env,
    signal,
    check: false
  })
  if (first.exitCode !== 0) {
    // a fresh image has no package lists
    await run(['apt-get', 'update'], { env, signal })
    await run([...INSTALL, ...packages], { env, signal })
  }
}

async function missingOf(tools: readonly Tool[]): Promise<Tool[]> {
  const there = await Promise.all(tools.map(({ program }) => isInstalled(program)))
  return tools.filter((_, at) => there[at] !== true)
}

async function isInstalled(program: string): Promise<boolean> {
  if (program.startsWith('/')) {
    return await isAccessible(program, constants.R_OK)
  }
  const folders = toolEnvironment()['PATH']?.split(':') ?? []
  const found = await Promise.all(folders.map((folder) => isAccessible(join(folder, program), constants.X_OK)))
  return found.includes(true)
}

async function isAccessible(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false
  )
}

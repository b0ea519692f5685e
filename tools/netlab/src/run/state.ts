import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidLabOptionError } from '../errors.ts'
import type { Generations } from '../plan/plan.ts'
import type { Link, ResolvedLabOptions } from '../options.ts'
import type { Ground } from './ground.ts'

/** What another process needs to use or remove a lab. */
export interface LabState {
  readonly options: ResolvedLabOptions
  readonly ground: Ground
  readonly generations: Generations
  /** Links that were changed since the lab was built, by host. */
  readonly links: Readonly<Record<string, Link>>
}

/** Each user has labs of their own. Not in /run: a lab in a user namespace does not see the machine's. */
function folder(): string {
  return join(tmpdir(), `p2pshare-netlab-${process.getuid?.() ?? 0}`)
}

/** Anybody can make a folder of that name in /tmp first, and what is in ours is believed: it says which process to kill. */
async function isOurs(): Promise<boolean> {
  return await stat(folder()).then(
    ({ uid, mode }) => uid === process.getuid?.() && (mode & 0o022) === 0,
    () => false
  )
}

/** Where a lab keeps its files: its state, the switch's control socket, miniupnpd's. */
export function labFolder(name: string): string {
  return join(folder(), name)
}

export function controlSocket(name: string): string {
  return join(labFolder(name), 'switch.sock')
}

export async function saveState(state: LabState): Promise<void> {
  const at = labFolder(state.options.name)
  await mkdir(at, { recursive: true, mode: 0o700 })
  if (!(await isOurs())) {
    throw new InvalidLabOptionError('TMPDIR', `${folder()} belongs to somebody else`)
  }
  // a reader never sees half of it
  await writeFile(join(at, `state.${process.pid}`), JSON.stringify(state), { mode: 0o600 })
  await rename(join(at, `state.${process.pid}`), join(at, 'state.json'))
}

/** Undefined: there is no such lab, or what is left of it cannot be read. */
export async function loadState(name: string): Promise<LabState | undefined> {
  if (!(await isOurs())) {
    return undefined
  }
  try {
    // written by saveState of the same user
    return JSON.parse(await readFile(join(labFolder(name), 'state.json'), 'utf8')) as LabState
  } catch {
    return undefined
  }
}

export async function forgetState(name: string): Promise<void> {
  await rm(labFolder(name), { recursive: true, force: true })
}

/** Names of all labs that left something. */
export async function savedLabs(): Promise<string[]> {
  return await readdir(folder()).then(
    (names) => names.sort(),
    () => []
  )
}

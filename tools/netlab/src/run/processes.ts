import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a killed process may take to be gone. */
const DEATH_MS = 3_000
const LOOK_AGAIN_MS = 5

/** A process, in a way that a later process of the same number is not taken for it. */
export interface ProcessMark {
  readonly pid: number
  /** In clock ticks since the machine started. */
  readonly startedAt: string
}

export function markOf(pid: number): ProcessMark | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name in brackets may hold anything; fields are counted from its end
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // a zombie is gone but for its parent's asking
    return fields[0] === 'Z' ? undefined : { pid, startedAt: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

export function isAlive(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.startedAt === mark.startedAt
}

/** What the kernel calls a namespace, as in `net:[4026532000]`; undefined: there is none. */
export function namespaceId(kind: 'net' | 'user', path: string): string | undefined {
  try {
    return `${kind}:[${statSync(path).ino}]`
  } catch {
    return undefined
  }
}

/** Who lives in one of these namespaces. Only a lab's own namespaces are ever asked for. */
export function processesIn(kind: 'net' | 'user', ids: ReadonlySet<string>): ProcessMark[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && ids.has(linkOf(`/proc/${entry}/ns/${kind}`)))
    .flatMap((entry) => markOf(Number(entry)) ?? [])
}

/** Kill them and wait until they are gone, so that what they held is free. */
export async function killAll(find: () => ProcessMark[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < DEATH_MS; waitedMs += LOOK_AGAIN_MS) {
    const left = find()
    if (left.length === 0) {
      return
    }
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // it went by itself
      }
    }
    await delay(LOOK_AGAIN_MS)
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts process time in hundredths of a second on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

/** Places in /proc/<pid>/stat after the name: own user and system time, and that of children that have ended. */
const CPU_FIELDS = [11, 12, 13, 14] as const

/** User and system CPU seconds of a process and all its children so far; 0 when it has ended. */
export function cpuSeconds(pid: number): number {
  return sum(tree(pid).map(ownCpuSeconds))
}

/** Peak resident memory of a process and its children in MiB. */
export function peakMiB(pid: number): number {
  return sum(tree(pid).map(ownPeakMiB))
}

/** Busy CPU seconds of the whole machine so far. */
export function machineBusySeconds(): number {
  const [user, nice, system, , , irq, softirq] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0)) / TICKS_PER_SECOND
}

function tree(pid: number): number[] {
  return [pid, ...children(pid).flatMap(tree)]
}

function children(pid: number): number[] {
  return gone([], () =>
    readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    )
  )
}

function ownCpuSeconds(pid: number): number {
  return gone(0, () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum(CPU_FIELDS.map((place) => Number(fields[place]))) / TICKS_PER_SECOND
  })
}

function ownPeakMiB(pid: number): number {
  return gone(0, () => {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(peak?.[1] ?? 0) / 1024
  })
}

/** A process may end between two looks at it. */
function gone<T>(otherwise: T, look: () => T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

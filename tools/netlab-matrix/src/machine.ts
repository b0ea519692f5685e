import { cpus, release, totalmem, type } from 'node:os'

const GIB = 1024 ** 3

/** What the figures were taken on, for a page. No names of hosts, no paths. */
export function describeMachine(): string {
  const cores = cpus()
  const memoryGiB = Math.round(totalmem() / GIB)
  const system = `${type()} ${release().split('-')[0] ?? ''}`
  return `${cores.length} x ${cores[0]?.model ?? 'unknown'}, ${memoryGiB} GiB, ${system}, Node ${process.versions.node}`
}

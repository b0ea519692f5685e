import { cpus, release, totalmem, type } from 'node:os'
import { GIB } from './files.ts'

/** What the figures were taken on. No names of hosts, no paths. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly openssl: string
}

export function machine(): Machine {
  const cores = cpus()
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / GIB),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
    node: process.versions.node,
    openssl: process.versions.openssl
  }
}

export function describeMachine({ cpu, cores, memoryGiB, system, node, openssl }: Machine): string {
  return `${cores} x ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node} (OpenSSL ${openssl})`
}

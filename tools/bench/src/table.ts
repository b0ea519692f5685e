import { cpus } from 'node:os'
import type { PairResult } from './pair.ts'

const GIB = 1024 ** 3

interface Row {
  readonly peer: string
  readonly mbPerS: number
  readonly mbPerSRange: readonly [number, number]
  readonly cpuSPerGiB: number
  readonly seederPeakMiB: number
  readonly leecherPeakMiB: number
  readonly otherCores: number
  /** This row's rate divided by that of plain js-libp2p. */
  readonly toLibp2p: number
}

/** Medians over the runs, and ratios: on a shared machine only those mean anything. */
export function printTable(bytes: number, results: Record<string, readonly PairResult[]>, json: boolean): void {
  const base = median((results['libp2p'] ?? []).map((result) => rate(bytes, result)))
  const rows = Object.entries(results).map(([peer, runs]) => toRow(peer, bytes, runs, base))
  const cpu = cpus()
  const machine = { cpu: cpu[0]?.model ?? 'unknown', cores: cpu.length, node: process.versions.node }
  if (json) {
    console.log(JSON.stringify({ v: 1, bytes, machine, rows }))
    return
  }
  console.log(
    `${bytes / GIB} GiB, one seeder, one leecher, loopback; ${machine.cores} x ${machine.cpu}, Node ${machine.node}`
  )
  console.log('peer       MB/s  [min-max]      CPU s/GiB  peak MiB seeder/leecher  other cores  ratio to libp2p')
  for (const row of rows) {
    const range = `[${row.mbPerSRange.map((value) => value.toFixed(0)).join('-')}]`
    console.log(
      row.peer.padEnd(9),
      row.mbPerS.toFixed(0).padStart(5),
      ` ${range.padEnd(13)}`,
      row.cpuSPerGiB.toFixed(2).padStart(10),
      `${row.seederPeakMiB.toFixed(0)}/${row.leecherPeakMiB.toFixed(0)}`.padStart(24),
      row.otherCores.toFixed(2).padStart(12),
      row.toLibp2p.toFixed(2).padStart(16)
    )
  }
}

function toRow(peer: string, bytes: number, runs: readonly PairResult[], base: number): Row {
  const rates = runs.map((result) => rate(bytes, result))
  return {
    peer,
    mbPerS: median(rates),
    mbPerSRange: [Math.min(...rates), Math.max(...rates)],
    cpuSPerGiB: median(runs.map((run) => ((run.seederCpuS + run.leecherCpuS) * GIB) / bytes)),
    seederPeakMiB: median(runs.map((run) => run.seederPeakMiB)),
    leecherPeakMiB: median(runs.map((run) => run.leecherPeakMiB)),
    otherCores: median(runs.map((run) => run.otherCores)),
    toLibp2p: median(rates) / base
  }
}

function rate(bytes: number, result: PairResult): number {
  return bytes / 1e6 / result.seconds
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

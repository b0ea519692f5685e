// What every peer program shares; see README.md.
import { createInterface } from 'node:readline'
import type { LeechReport, Others } from '../harness/job.ts'

const stdin = createInterface({ input: process.stdin })
const first = new Promise<string>((resolve) => stdin.once('line', resolve))
stdin.once('close', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))

/** The argument of this program: a `Job`, or the kind that its benchmark has. */
export function job(): unknown {
  return JSON.parse(process.argv[2] ?? '{}')
}

export function ready(info: string | number): void {
  console.log(`READY ${info}`)
}

/** Resolves when this leecher is to begin. */
export async function others(): Promise<Others> {
  return JSON.parse(await first) as Others
}

export function go(): void {
  console.log('GO')
}

export function done(report: LeechReport | Record<string, unknown> = {}): void {
  console.log(`DONE ${JSON.stringify(report)}`)
}

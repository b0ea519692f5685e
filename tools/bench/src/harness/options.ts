import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'

/** What every benchmark takes. */
export interface BenchOptions {
  /** The report as JSON on stdout instead of a table. */
  readonly json: boolean
  readonly runs: number
  readonly sizeMiB: number
  /** Programs to run, in this order. */
  readonly peers: readonly string[]
  /** Exit with 1 when a goal is missed. */
  readonly gate: boolean
  /** Write docs/benchmarks. */
  readonly write: boolean
  /** How long to wait for a quiet half second before a run. */
  readonly quietMs: number
}

export interface OptionDefaults {
  readonly runs: number
  readonly sizeMiB: number
  readonly peers: readonly string[]
  /** One line that says what is measured. */
  readonly summary: string
  /** Further options: name, default and meaning. */
  readonly more?: Readonly<Record<string, readonly [value: string, meaning: string]>>
}

/** Reads the command line; `values` has the further options as text. */
export function parseOptions(defaults: OptionDefaults): BenchOptions & { readonly values: Record<string, string> } {
  const texts: Record<string, readonly [string, string]> = {
    size: [String(defaults.sizeMiB), 'MiB of each file'],
    runs: [String(defaults.runs), 'rounds; every program runs once in each'],
    peers: [defaults.peers.join(','), 'programs to run'],
    quiet: ['12', 'seconds to wait at most for a quiet half second before each run'],
    ...defaults.more
  }
  const flags: Record<string, string> = {
    json: 'print JSON',
    gate: 'exit with 1 when a goal is missed',
    write: 'write docs/benchmarks: JSON, chart, README',
    help: 'print this'
  }
  const config: ParseArgsOptionsConfig = {
    ...Object.fromEntries(Object.entries(texts).map(([name, [value]]) => [name, { type: 'string', default: value }])),
    ...Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'boolean', default: false }]))
  }
  const { values } = parseArgs({ options: config })
  if (values['help'] === true) {
    printHelp(defaults.summary, texts, flags)
    process.exit(0)
  }
  const text = (name: string): string => String(values[name])
  return {
    json: values['json'] === true,
    gate: values['gate'] === true,
    write: values['write'] === true,
    runs: positive('runs', text('runs')),
    sizeMiB: positive('size', text('size')),
    peers: chosenPeers(text('peers'), defaults.peers),
    quietMs: Number(text('quiet')) * 1000,
    values: Object.fromEntries(Object.keys(defaults.more ?? {}).map((name) => [name, text(name)]))
  }
}

/** `1,4,8` as numbers above zero. */
export function positives(name: string, text: string | undefined): number[] {
  return (text ?? '').split(',').map((part) => positive(name, part))
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) {
    usage(`--${name} ${text}: not a number above zero`)
  }
  return value
}

function chosenPeers(text: string, known: readonly string[]): readonly string[] {
  const chosen = text.split(',')
  for (const name of chosen) {
    if (!known.includes(name)) {
      usage(`--peers ${name}: there are ${known.join(', ')}`)
    }
  }
  return chosen
}

function printHelp(
  summary: string,
  texts: Readonly<Record<string, readonly [string, string]>>,
  flags: Readonly<Record<string, string>>
): void {
  console.log(`${summary}\n`)
  for (const [name, [value, meaning]] of Object.entries(texts)) {
    console.log(`  --${name} <value>`.padEnd(22), `${meaning} (${value})`)
  }
  for (const [name, meaning] of Object.entries(flags)) {
    console.log(`  --${name}`.padEnd(22), meaning)
  }
}

function usage(message: string): never {
  console.error(message)
  process.exit(2)
}

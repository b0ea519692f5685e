import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FigureResult } from './gossip-figures.ts'

/** What one scenario gave, as it is kept. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly figures: readonly FigureResult[]
  readonly runs: ReadonlyArray<{
    readonly seed: number
    readonly digest: string
    readonly cpuSeconds: number
    readonly virtualSeconds: number
    readonly events: number
  }>
}

/** docs/simulations/gossip: the long scenarios are run one at a time, so each result is kept. */
export const GOSSIP_DOCS = fileURLToPath(new URL('../../../docs/simulations/gossip', import.meta.url))
const FILE = `${GOSSIP_DOCS}/results.json`

export async function readResults(): Promise<ScenarioResult[]> {
  try {
    return JSON.parse(await readFile(FILE, 'utf8'), (_key, value: unknown) =>
      value === 'Infinity' ? Infinity : value
    ) as ScenarioResult[]
  } catch {
    return []
  }
}

/** Puts a result in the place of the former one of its name. */
export async function storeResult(result: ScenarioResult): Promise<void> {
  const others = (await readResults()).filter(({ name }) => name !== result.name)
  const text = JSON.stringify(
    [...others, result],
    (_key, value: unknown) => (value === Infinity ? 'Infinity' : value),
    2
  )
  await mkdir(GOSSIP_DOCS, { recursive: true })
  await writeFile(FILE, `${text}\n`)
}

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FigureResult } from './figures.ts'

/** What one scenario gave, as it is kept. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  /** YYYY-MM-DD; absent in results that are older than this field. */
  readonly day?: string
  readonly figures: readonly FigureResult[]
  readonly runs: ReadonlyArray<{
    readonly seed: number
    readonly digest: string
    readonly cpuSeconds: number
    readonly virtualSeconds: number
    readonly events: number
  }>
}

/** A folder of docs/simulations: the long scenarios are run one at a time, so each result is kept. */
export class Results {
  readonly directory: string

  /** `name`: of the folder. */
  constructor(name: string) {
    this.directory = fileURLToPath(new URL(`../../../docs/simulations/${name}`, import.meta.url))
  }

  async read(): Promise<ScenarioResult[]> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8'), (_key, value: unknown) =>
        value === 'Infinity' ? Infinity : value
      ) as ScenarioResult[]
    } catch {
      return []
    }
  }

  /** Puts a result in the place of the former one of its name. */
  async store(result: ScenarioResult): Promise<void> {
    const others = (await this.read()).filter(({ name }) => name !== result.name)
    const text = JSON.stringify(
      [...others, result],
      (_key, value: unknown) => (value === Infinity ? 'Infinity' : value),
      2
    )
    await mkdir(this.directory, { recursive: true })
    await writeFile(this.#file, `${text}\n`)
  }

  get #file(): string {
    return `${this.directory}/results.json`
  }
}

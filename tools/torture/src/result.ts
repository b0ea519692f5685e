/** Those that have a section of docs/torture.md, in its order. */
export const HARNESSES = ['kill9', 'powerloss', 'fs', 'byzantine', 'hostile', 'fuzz', 'paths', 'links'] as const

/** What a harness came to, as a section of a page. */
export interface HarnessResult {
  readonly name: (typeof HARNESSES)[number]
  /** What was run: `10,000 seeds`. */
  readonly extent: string
  readonly seconds: number
  /** What was looked at, with what it came to. */
  readonly figures: Readonly<Record<string, string>>
  /** Rows of an earlier run that this one has no news of stay. @default false */
  readonly keepsFigures?: boolean
  /** One line for each: what happened, and how to see it again. */
  readonly violations: readonly string[]
}

/** Says how far it is. */
export type Tell = (text: string) => void

/** Run `action` for each item, at most `limit` at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  action: (item: T) => Promise<void>
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      await action(next.value)
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
}

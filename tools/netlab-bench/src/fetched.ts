import type { Gap, Span, Way } from './flow.ts'
import type { Said } from './node-process.ts'
import { hashOf } from './peer-fetch.ts'
import type { Scene } from './scene.ts'

/** As long as the slowest transfer of a run may take. */
const FETCH_MS = 170_000

/** What b said of its fetch. */
export interface Fetched {
  readonly startedMs: number
  readonly endedMs: number
  readonly bytes: number
  readonly bytesReceived: number
  readonly relayedBytes: number
  readonly address: string | undefined
  readonly cpuSeconds: number
  readonly flips: number
  readonly followed: number
  readonly totals: Readonly<Record<Way, number>>
  readonly firstDirectMs: number | undefined
  readonly gaps: readonly Gap[]
  readonly spans: readonly Span[]
  readonly stalls: ReadonlyArray<{ readonly atMs: number; readonly ms: number }>
  readonly isSame: boolean
  /** Everything it said meanwhile. */
  readonly said: readonly Said[]
}

/** Let b fetch what a shares. */
export async function fetch(
  { a: _a, b, aId, ticket, output, file }: Scene,
  options: Readonly<Record<string, string>> = {}
): Promise<Fetched> {
  const from = b.said.length
  b.tell({ do: 'get', id: aId, ticket, output, ...options })
  const got = await b.says('got', FETCH_MS, from)
  const [hashed, expected] = await Promise.all([b.says('hashed', FETCH_MS, from), hashOf(file)])
  return { ...(got as unknown as Fetched), isSame: hashed['sha256'] === expected, said: b.said.slice(from) }
}

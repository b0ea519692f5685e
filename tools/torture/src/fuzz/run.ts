import { seededRandom } from '@p2pshare/testkit'
import type { Codec } from './codec.ts'
import { generate } from './generate.ts'
import { ask, judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { mutate } from './mutate.ts'

/** What a run gives its codec: inputs `from` to `from + count` of a seed. */
export interface FuzzRun {
  readonly seed: string
  readonly from: number
  readonly count: number
  /** Inputs that were kept, to begin with beside the codec's own examples. */
  readonly corpus: readonly Uint8Array[]
  /** @default true: time and heap of each input are looked at */
  readonly measured?: boolean
  /** Called before each input. */
  readonly onInput?: (index: number) => void
}

/** An input that a codec does not bear, with the index that makes it again. */
export interface Finding {
  readonly index: number
  readonly input: string
  readonly verdict: Verdict
}

export interface FuzzResult {
  readonly codec: string
  readonly inputs: number
  readonly accepted: number
  readonly findings: readonly Finding[]
  /** The first input for each thing that the codec said: what a corpus is made of. */
  readonly kinds: ReadonlyMap<string, Uint8Array>
}

/** More of one codec say nothing new. */
const MAX_FINDINGS = 8

/** The input with this number. Depends on nothing else: one line repeats it. */
export function inputOf(codec: Codec, good: readonly Uint8Array[], seed: string, index: number): Uint8Array {
  const random = seededRandom(`${seed}/${codec.name}/${index}`)
  if (good.length === 0 || random.int(4) === 0) {
    return generate(codec, random)
  }
  return mutate(random.pick(good), random, random.pick(good), codec.cap[1])
}

/** Give a codec its examples, its corpus and many inputs made of them. */
export async function fuzz(codec: Codec, run: FuzzRun): Promise<FuzzResult> {
  const { seed, from, count, corpus, measured = true } = run
  const good = [...(await codec.examples()), ...corpus]
  const findings: Finding[] = []
  const kinds = new Map<string, Uint8Array>()
  let accepted = 0
  for (let index = from; index < from + count && findings.length < MAX_FINDINGS; index++) {
    run.onInput?.(index)
    const input = index < good.length ? (good[index] ?? new Uint8Array()) : inputOf(codec, good, seed, index)
    const verdict = await (measured ? judge : ask)(codec, input)
    if (verdict.type === 'accepted') {
      accepted++
    } else if (verdict.type !== 'refused') {
      findings.push({ index, input: Buffer.from(input).toString('hex'), verdict })
    }
    const kind = kindOf(verdict)
    if (!kinds.has(kind)) {
      kinds.set(kind, input)
    }
  }
  return { codec: codec.name, inputs: count, accepted, findings, kinds }
}

/** What was said, without the numbers and texts of this very input. */
function kindOf(verdict: Verdict): string {
  return verdict.type === 'refused'
    ? verdict.error.replace(/\d+|"[^"]*"|\b(?:b|Qm|z)\w{20,}/g, '#').slice(0, 120)
    : verdict.type
}

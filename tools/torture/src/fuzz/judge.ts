import { setFlagsFromString, getHeapStatistics } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Codec } from './codec.ts'

/** No decode may take longer: it holds up everything else. */
export const MAX_DECODE_MS = 50

/** Heap that a decode may take, whatever its input is: what it gives back, and what it drops on the way. */
const FREE_BYTES = 64 * 1024

/** The same for each byte of its input. */
const PER_BYTE = 16

/** A slow or greedy input is tried again: the machine, the compiler and the collector have bad moments. */
const RETRIES = 4

/** What is wrong with a codec, or what it said to an input. */
export type Verdict =
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'crash'; readonly error: string }
  | { readonly type: 'slow'; readonly ms: number }
  | { readonly type: 'heap'; readonly what: 'kept' | 'allocated'; readonly bytes: number; readonly allowed: number }

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Give a codec one input, and look at what it says, how long it takes and what it allocates. */
export async function judge(codec: Codec, input: Uint8Array): Promise<Verdict> {
  const first = await attempt(codec, input)
  if (first.verdict.type === 'crash') {
    return first.verdict
  }
  if (first.ms <= MAX_DECODE_MS && first.allocated <= allowed(codec, input)) {
    return first.verdict
  }
  return (await judgeAgain(codec, input)) ?? first.verdict
}

/** What is wrong with a decode that was slow or allocated much, at the best of several times. */
async function judgeAgain(codec: Codec, input: Uint8Array): Promise<Verdict | undefined> {
  let best = { ms: Infinity, allocated: Infinity, kept: Infinity }
  for (let retry = 0; retry < RETRIES && wrongWith(best, codec, input) !== undefined; retry++) {
    collectGarbage()
    const heap = heapNow()
    const again = await attempt(codec, input)
    collectGarbage()
    const kept = heapNow() - heap
    best = {
      ms: Math.min(best.ms, again.cpuMs),
      allocated: Math.min(best.allocated, again.allocated),
      // the result is kept until here
      kept: again.result === undefined ? 0 : Math.min(best.kept, kept)
    }
  }
  return wrongWith(best, codec, input)
}

function wrongWith(
  { ms, allocated, kept }: { readonly ms: number; readonly allocated: number; readonly kept: number },
  codec: Codec,
  input: Uint8Array
): Verdict | undefined {
  if (ms > MAX_DECODE_MS) {
    return { type: 'slow', ms }
  }
  if (kept > allowed(codec, input)) {
    return { type: 'heap', what: 'kept', bytes: kept, allowed: allowed(codec, input) }
  }
  return allocated > allowed(codec, input) && codec.isStream !== true
    ? { type: 'heap', what: 'allocated', bytes: allocated, allowed: allowed(codec, input) }
    : undefined
}

function allowed({ extraHeap }: Codec, { byteLength }: Uint8Array): number {
  return FREE_BYTES + PER_BYTE * byteLength + (extraHeap?.bytes ?? 0)
}

/** What a codec says to an input, without measuring. */
export async function ask(codec: Codec, input: Uint8Array): Promise<Verdict> {
  return (await answer(codec, input)).verdict
}

async function answer(codec: Codec, input: Uint8Array): Promise<{ verdict: Verdict; result?: unknown }> {
  try {
    return { verdict: { type: 'accepted' }, result: await codec.decode(input) }
  } catch (error) {
    // a typed error says what it is and whose fault it is
    if (error instanceof Error && 'code' in error && 'fault' in error) {
      return { verdict: { type: 'refused', error: `${error.name}: ${error.message}` } }
    }
    return {
      verdict: { type: 'crash', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  }
}

interface Attempt {
  readonly verdict: Verdict
  readonly result?: unknown
  readonly ms: number
  readonly cpuMs: number
  readonly allocated: number
}

async function attempt(codec: Codec, input: Uint8Array): Promise<Attempt> {
  const cpu = process.threadCpuUsage()
  const heap = heapNow()
  const start = performance.now()
  const { verdict, result } = await answer(codec, input)
  const ms = performance.now() - start
  const allocated = heapNow() - heap
  const { user, system } = process.threadCpuUsage(cpu)
  return { verdict, result, ms, cpuMs: (user + system) / 1000, allocated }
}

/** All that was allocated and not collected since: more than what is kept. */
function heapNow(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}

import type { CutFault, Fault, StallFault } from './plan.ts'

/** What to do next with the bytes of one direction. */
export type Step =
  | { readonly type: 'pass'; readonly bytes: Uint8Array }
  | { readonly type: 'stall'; readonly ms: number }
  | { readonly type: 'cut'; readonly how: 'reset' | 'close'; readonly afterBytes: number }

/** Sum of the plan's delays in milliseconds. */
export function delayOf(faults: readonly Fault[]): number {
  return faults.reduce((sum, fault) => (fault.type === 'delay' ? sum + fault.ms : sum), 0)
}

function corrupted(faults: readonly Fault[], offset: number, bytes: Uint8Array): Uint8Array {
  const out = bytes.slice()
  for (const fault of faults) {
    if (fault.type === 'corrupt' && fault.atByte >= offset && fault.atByte < offset + bytes.byteLength) {
      const index = fault.atByte - offset
      out[index] = (out[index] ?? 0) ^ (fault.mask ?? 0xff)
    }
  }
  return out
}

const isBreak = (fault: Fault): fault is CutFault | StallFault => fault.type === 'cut' || fault.type === 'stall'

/**
 * What becomes of a chunk whose first byte is the direction's byte number `offset`: pure, and the same however a
 * message was cut into chunks. A break at position n acts in the chunk that carries byte n - 1, behind that byte; one
 * at 0 acts in the first chunk, before its bytes. Nothing follows a cut.
 */
export function stepsFor(faults: readonly Fault[], offset: number, bytes: Uint8Array): Step[] {
  const end = offset + bytes.byteLength
  const changed = corrupted(faults, offset, bytes)
  const breaks = faults
    .filter(isBreak)
    .filter(({ afterBytes }) => (afterBytes > offset || (afterBytes === 0 && offset === 0)) && afterBytes <= end)
    // a stall and a cut at one place: the stall comes first, or it could never be seen
    .sort((a, b) => a.afterBytes - b.afterBytes || b.type.localeCompare(a.type))
  const steps: Step[] = []
  let passed = offset
  const passUntil = (position: number): void => {
    if (position > passed) {
      steps.push({ type: 'pass', bytes: changed.subarray(passed - offset, position - offset) })
      passed = position
    }
  }
  for (const fault of breaks) {
    passUntil(fault.afterBytes)
    if (fault.type === 'cut') {
      steps.push({ type: 'cut', how: fault.how ?? 'reset', afterBytes: fault.afterBytes })
      return steps
    }
    steps.push({ type: 'stall', ms: fault.ms ?? Infinity })
  }
  passUntil(end)
  return steps
}

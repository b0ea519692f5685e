import type { HarnessResult, Tell } from '../result.ts'
import { inParallel } from '../result.ts'
import { makeShares } from '../share.ts'
import type { MadeShare } from '../share.ts'
import { ERRNOS, GOAL_MS, SPELL_MS, WAYS } from './errnos.ts'
import { countCalls, runFault } from './run.ts'
import type { Fault } from './run.ts'

const SIDE_BY_SIDE = 16

/** Every `step`-th call of every share, with each errno, in each way; from call `first` on. */
export async function diskFaults({ step, first }: { step: number; first: number }, tell: Tell): Promise<HarnessResult> {
  const began = performance.now()
  const violations: string[] = []
  const sites = new Set<string>()
  let rounds = 0
  let calls = 0
  let worstMs = 0
  for (const share of await makeShares()) {
    const count = await countCalls(share)
    calls += count
    await inParallel(faultsOf(count, step, first), SIDE_BY_SIDE, async (fault) => {
      const result = await runFault(share, fault)
      rounds++
      worstMs = Math.max(worstMs, result.resumedAfterMs)
      sites.add(siteOf(result.call))
      if (result.violation !== undefined) {
        violations.push(`${result.call}: ${result.violation}; ${replayLine(share, fault)}`)
      }
    })
    tell(`fs: ${share.name}, ${count} calls, ${rounds} rounds so far, ${violations.length} violations`)
  }
  return {
    name: 'fs',
    extent: `${rounds.toLocaleString('en')} rounds: ${calls.toLocaleString('en')} calls x ${ERRNOS.length} errnos, once and for ${SPELL_MS / 1000} s, and a disk that is pulled out`,
    seconds: (performance.now() - began) / 1000,
    figures: {
      'kinds of call that failed': `${sites.size}`,
      'corrupt or stuck': `${violations.length} (goal 0)`,
      'goes on after the fault is over': `${(worstMs / 1000).toFixed(0)} s at most, by the virtual clock (goal ${GOAL_MS / 1000} s)`
    },
    violations
  }
}

/** One fault again. @param text - as the line to replay says: share, way, errno, call. */
export function parseFault(text: string, shares: readonly MadeShare[]): { share: MadeShare; fault: Fault } | undefined {
  const [name, way, errno = '', nth] = text.split(':')
  const share = shares.find((each) => each.name.replaceAll(' ', '-') === name)
  const known = WAYS.find((each) => each === way)
  const call = Number(nth)
  return share === undefined || known === undefined || !Number.isInteger(call)
    ? undefined
    : { share, fault: { nth: call, errno, way: known } }
}

function replayLine({ name }: MadeShare, { way, errno, nth }: Fault): string {
  return `npm run torture:fs -- --fault ${name.replaceAll(' ', '-')}:${way}:${errno}:${nth}`
}

function* faultsOf(calls: number, step: number, first: number): Generator<Fault> {
  for (const way of WAYS) {
    // a disk that is not there says the same whatever was to come
    for (const errno of way === 'gone' ? ['ENODEV'] : ERRNOS) {
      for (let nth = first; nth < calls; nth += step) {
        yield { nth, errno, way }
      }
    }
  }
}

/** `handle.write journal.new` of a call and the path that it was for. */
function siteOf(call: string): string {
  const [name = '', path = ''] = call.split(' ')
  const file = path.split('/').at(-1) ?? ''
  return `${name} ${file.replaceAll(/[0-9a-f-]{36}|\d+|bafy\w+|bafk\w+/g, '*')}`
}

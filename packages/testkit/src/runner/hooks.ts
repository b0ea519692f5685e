import { detectLeaks } from '../leaks.ts'
import type { LeakCheckOptions, LeakDetector, LeakSources } from '../leaks.ts'
import { seedFromEnv } from '../random.ts'
import type { TestRunner } from './runner.ts'

/** Options of `checkLeaks`. */
export interface CheckLeaksOptions extends LeakSources, LeakCheckOptions {}

/** Each test from here on fails when it leaves more open than it found. Call it before other hooks are set. */
export function checkLeaks(runner: TestRunner, options: CheckLeaksOptions = {}): void {
  let detector: LeakDetector | undefined
  runner.beforeEach(() => {
    detector = detectLeaks(options)
  })
  runner.afterEach(async () => {
    await detector?.assertNone(options)
    detector = undefined
  })
}

/** The seed of this run (`SEED` of the environment, or a new one), printed on stderr when a test from here on fails. */
export function repeatableSeed(runner: TestRunner): string {
  const seed = seedFromEnv()
  runner.afterEach(({ name, failed }) => {
    if (failed) {
      process.stderr.write(`"${name}" failed with SEED=${seed}; set SEED to repeat it\n`)
    }
  })
  return seed
}

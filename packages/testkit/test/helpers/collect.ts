import type { TestOutcome, TestRunner } from '../../src/runner/runner.ts'

export interface CollectedTest {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly error?: unknown
}

interface Suite {
  readonly path: string[]
  readonly before: (() => Promise<void> | void)[]
  readonly after: ((outcome: TestOutcome) => Promise<void> | void)[]
}

/** A runner of ten lines: collects tests, runs them one after the other, reports what came of each. */
export async function collect(define: (runner: TestRunner) => Promise<void> | void): Promise<CollectedTest[]> {
  const stack: Suite[] = [{ path: [], before: [], after: [] }]
  const tests: (() => Promise<CollectedTest>)[] = []
  const top = () => stack.at(-1)!
  const runner: TestRunner = {
    describe: (name, body) => {
      stack.push({ path: [...top().path, name], before: [...top().before], after: [...top().after] })
      body()
      stack.pop()
    },
    beforeEach: (hook) => void top().before.push(hook),
    afterEach: (hook) => void top().after.push(hook),
    it: (title, body) => {
      const { path, before, after } = top()
      const name = [...path, title].join(' > ')
      tests.push(async () => {
        let result: CollectedTest = { name, status: 'passed' }
        const step = async (run: () => Promise<void> | void) => {
          try {
            await run()
          } catch (error) {
            result = { name, status: 'failed', error }
          }
        }
        for (const hook of before) {
          await step(hook)
        }
        await step(() =>
          body({
            skip: () => {
              result = { name, status: 'skipped' }
            }
          })
        )
        for (const hook of after) {
          await step(() => hook({ name, failed: result.status === 'failed' }))
        }
        return result
      })
    }
  }
  await define(runner)
  const results: CollectedTest[] = []
  for (const run of tests) {
    results.push(await run())
  }
  return results
}

export const failures = (tests: readonly CollectedTest[]): string[] =>
  tests.filter(({ status }) => status === 'failed').map(({ name }) => name.split(' > ').at(-1)!)

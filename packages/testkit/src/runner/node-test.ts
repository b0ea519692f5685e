import { afterEach, beforeEach, describe, it } from 'node:test'
import type { TestRunner } from './runner.ts'

/** `node:test` as the suites see it. */
export const nodeTestRunner: TestRunner = {
  describe: (name, body) => {
    // what it returns settles when the tests have run, and the runner itself waits for that
    void describe(name, body)
  },
  it: (name, body, { timeoutMs } = {}) => {
    void it(name, timeoutMs === undefined ? {} : { timeout: timeoutMs }, async (context) => {
      await body({
        skip: (reason) => {
          context.skip(reason)
        }
      })
    })
  },
  beforeEach: (hook) => {
    beforeEach(async () => {
      await hook()
    })
  },
  afterEach: (hook) => {
    afterEach(async (context) => {
      // `passed` is there since Node 20.12; the types do not have it yet
      const { name, passed } = context as { name: string; passed?: boolean }
      await hook({ name, failed: passed === false })
    })
  }
}

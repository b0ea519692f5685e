import { afterEach, beforeEach, describe, it } from 'vitest'
import type { TestRunner } from './runner.ts'

/** Vitest as the suites see it. */
export const vitestRunner: TestRunner = {
  describe: (name, body) => {
    describe(name, body)
  },
  it: (name, body, { timeoutMs } = {}) => {
    it(
      name,
      async (context) => {
        await body({
          skip: (reason) => {
            context.skip(reason)
          }
        })
      },
      timeoutMs
    )
  },
  beforeEach: (hook) => {
    beforeEach(async () => {
      await hook()
    })
  },
  afterEach: (hook) => {
    afterEach(async ({ task }) => {
      await hook({ name: task.name, failed: task.result?.state === 'fail' })
    })
  }
}

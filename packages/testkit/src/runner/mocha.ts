import { DeadlineError } from '@p2pshare/interface'
import type { TestRunner } from './runner.ts'

/** What mocha gives a test that did not ask for another limit: js-libp2p's own setting, with room for slow machines. */
export const DEFAULT_TIMEOUT_MS = 60_000

/** The runner must not end a test before our own limit does, which the test may set as it runs. */
const RUNNER_TIMEOUT_MS = 30 * 60 * 1000

/** Thrown by `this.skip()` to end the test at once. */
const SKIP = Symbol('skip')

/** The `this` of a mocha test, as far as libp2p's suites use it. */
interface MochaThis {
  timeout(ms: number): void
  skip(): never
}

type MochaBody = (this: MochaThis) => unknown
type MochaGlobals = Record<'describe' | 'it' | 'beforeEach' | 'afterEach', unknown>

async function runBody(name: string, body: MochaBody, skip: () => void): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const limit = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      reject(new DeadlineError(name, ms))
    }, ms)
  }
  limit(DEFAULT_TIMEOUT_MS)
  const self: MochaThis = {
    timeout: limit,
    skip: () => {
      // caught below and nowhere else
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw SKIP
    }
  }
  try {
    await Promise.race([(async () => body.call(self))(), late])
  } catch (error) {
    if (error !== SKIP) {
      throw error
    }
    skip()
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Run a suite that was written for mocha: it finds `describe`, `it` and hooks as globals and uses `this.timeout()` and
 * `this.skip()`. The globals are there only while the bodies of `describe` run, so that they do not leak into tests.
 */
export function runMochaSuite(runner: TestRunner, suite: () => void): void {
  const hook = (register: (run: () => Promise<void>) => void) => (body: MochaBody) => {
    register(async () => {
      await runBody('hook', body, () => undefined)
    })
  }
  const globals: MochaGlobals = {
    describe: (name: string, body: () => void) => {
      runner.describe(name, () => {
        withGlobals(body.bind({ timeout: () => undefined }))
      })
    },
    it: (name: string, body: MochaBody) => {
      runner.it(
        name,
        async (context) => {
          await runBody(name, body, () => {
            context.skip()
          })
        },
        { timeoutMs: RUNNER_TIMEOUT_MS }
      )
    },
    beforeEach: hook((run) => {
      runner.beforeEach(run)
    }),
    afterEach: hook((run) => {
      runner.afterEach(run)
    })
  }
  const withGlobals = (body: () => void): void => {
    const saved = Object.getOwnPropertyDescriptors(globalThis) as Record<string, PropertyDescriptor>
    Object.assign(globalThis, globals)
    try {
      body()
    } finally {
      for (const key of Object.keys(globals)) {
        const before = saved[key]
        if (before === undefined) {
          Reflect.deleteProperty(globalThis, key)
        } else {
          Object.defineProperty(globalThis, key, before)
        }
      }
    }
  }
  withGlobals(suite)
}

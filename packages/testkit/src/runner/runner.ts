/** What a running test can do with its runner. */
export interface TestContext {
  /** Report the test as left out. May throw to end the test. */
  skip(reason?: string): void
}

/** How a test ended. */
export interface TestOutcome {
  readonly name: string
  readonly failed: boolean
}

/**
 * The part of a test runner that suites need. `@p2pshare/testkit/vitest` and `/node-test` bring one for their runner;
 * write one of these four functions to use the suites with another.
 */
export interface TestRunner {
  describe(name: string, body: () => void): void
  /** Without `timeoutMs`, the runner's own limit holds. */
  it(name: string, body: (context: TestContext) => Promise<void> | void, options?: { timeoutMs?: number }): void
  beforeEach(hook: () => Promise<void> | void): void
  afterEach(hook: (outcome: TestOutcome) => Promise<void> | void): void
}

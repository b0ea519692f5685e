/** The part of vitest's JSON report that is counted. */
export interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { name: string; status: string; message?: string; assertionResults: TestResult[] }[]
}

interface TestResult {
  fullName: string
  status: string
  /** Of every try: a test that passed on its second one has the fault of the first. */
  failureMessages?: string[]
}

/** A test that failed, at least once. */
export interface Fault {
  /** Path of its file, as vitest gave it. */
  file: string
  test: string
  message: string
  /** It passed when it was run again: neither it nor what it tests can be trusted. */
  isUnsteady: boolean
}

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** A file that broke before its first test counts as one failure; vitest's own count leaves it out. */
export function count(report: Report): Counts {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests
  }
}

/** A project that left no report did not run, and that is a failure. */
export function total(reports: (Report | undefined)[]): Counts {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    const { passed, failed, skipped } = report === undefined ? { passed: 0, failed: 1, skipped: 0 } : count(report)
    sum.passed += passed
    sum.failed += failed
    sum.skipped += skipped
  }
  return sum
}

/** Every test that failed on any try, and every file that broke before its first test. */
export function faults(report: Report): Fault[] {
  return report.testResults.flatMap((file) => {
    const tests = file.assertionResults.flatMap(({ fullName, status, failureMessages = [] }) =>
      failureMessages.length === 0
        ? []
        : [{ file: file.name, test: fullName, message: failureMessages[0] ?? '', isUnsteady: status === 'passed' }]
    )
    return file.status === 'failed' && tests.every(({ isUnsteady }) => isUnsteady)
      ? [...tests, { file: file.name, test: '(the file itself)', message: file.message ?? '', isUnsteady: false }]
      : tests
  })
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

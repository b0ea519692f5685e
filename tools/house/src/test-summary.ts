/** The part of vitest's JSON report that is counted. */
export interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
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

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

import { expect, test } from 'vitest'
import { closingLine, faults, total } from '../src/test-summary.ts'
import type { Report } from '../src/test-summary.ts'

const report = (over: Partial<Report> = {}): Report => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ fullName: 'a', status: 'passed' }] }],
  ...over
})

test('adds the counts of all projects', () => {
  const sum = total([report(), report({ numPassedTests: 4, numPendingTests: 1, numTodoTests: 1 })])
  expect(closingLine(sum)).toBe('7 passed, 0 failed, 2 skipped')
})

test('says nothing about skipped tests when there are none', () => {
  expect(closingLine(total([report()]))).toBe('3 passed, 0 failed')
})

test('counts a file that broke before its first test as a failure', () => {
  const sum = total([report({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }] })])
  expect(sum).toEqual({ passed: 3, failed: 1, skipped: 0 })
})

test('does not count a failed test twice, once for itself and once for its file', () => {
  const sum = total([
    report({
      numFailedTests: 1,
      testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ fullName: 'a', status: 'failed' }] }]
    })
  ])
  expect(sum.failed).toBe(1)
})

test('counts a project without a report as a failure', () => {
  expect(total([report(), undefined]).failed).toBe(1)
})

test('names what failed, what passed only when it was run again, and a file that broke', () => {
  const named = (fullName: string, status: string, ...failureMessages: string[]) => ({
    fullName,
    status,
    failureMessages
  })
  const found = faults(
    report({
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            named('good', 'passed'),
            named('shaky', 'passed', 'once'),
            named('bad', 'failed', 'x', 'y')
          ]
        },
        { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
      ]
    })
  )
  expect(found).toEqual([
    { file: 'a.test.ts', test: 'shaky', message: 'once', isUnsteady: true },
    { file: 'a.test.ts', test: 'bad', message: 'x', isUnsteady: false },
    { file: 'b.test.ts', test: '(the file itself)', message: 'no such module', isUnsteady: false }
  ])
})

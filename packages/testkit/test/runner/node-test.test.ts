import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the suites and hooks run under node:test, with its counts and its exit code', () => {
  const file = fileURLToPath(new URL('../fixtures/node-test-suites.ts', import.meta.url))
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=@p2pshare/source', '--test', '--test-reporter=tap', file],
    { encoding: 'utf8', env: { ...env, SEED: 'from the environment' } }
  )
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect({ pass: count('pass'), fail: count('fail'), skipped: count('skipped'), status }).toEqual({
    pass: 26,
    fail: 1,
    skipped: 1,
    status: 1
  })
  expect(stdout + stderr).toContain('"fails on purpose" failed with SEED=from the environment')
})

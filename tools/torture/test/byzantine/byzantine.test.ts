import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HOSTILE_DAGS } from '../../src/byzantine/hostile-dags.ts'
import { fetchHostileDag } from '../../src/byzantine/publisher.ts'
import { problemsOf } from '../../src/byzantine/run.ts'
import type { ByzantineRun } from '../../src/byzantine/run.ts'
import { ATTACK_NAMES } from '../../src/hostile/attacks.ts'

describe('what is asked of a run', () => {
  const fine: ByzantineRun = { kinds: ['corrupt'], slowdown: 1.5, waste: 0.05, bans: 1, badLeaves: 3 }

  test('holds at each bound', () => {
    expect(problemsOf('byzantine', fine)).toEqual([])
    expect(problemsOf('liars', { ...fine, slowdown: 2 })).toEqual([])
  })

  test('fails one past it', () => {
    expect(problemsOf('byzantine', { ...fine, slowdown: 1.51 })).toHaveLength(1)
    expect(problemsOf('byzantine', { ...fine, waste: 0.051 })).toHaveLength(1)
    expect(problemsOf('byzantine', { ...fine, badLeaves: 3.1 })).toHaveLength(1)
    expect(problemsOf('liars', { ...fine, slowdown: 2.01 })).toHaveLength(1)
  })
})

test('a share that sends the root below the root is refused, and nothing of it is left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-byzantine-'))
  onTestFinished(async () => rm(directory, { recursive: true, force: true }))
  await fetchHostileDag('a circle: below the root, the server sends the root again', directory)
})

test('hostile shares are the same each time, so that a run can be repeated', () => {
  for (const make of Object.values(HOSTILE_DAGS)) {
    expect(make().root.equals(make().root)).toBe(true)
  }
})

test('two hundred hostile connections are as many of each kind', () => {
  expect(200 % ATTACK_NAMES.length).toBe(0)
})

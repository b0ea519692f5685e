import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepRuns, keptRuns } from '../src/gossip/kept.ts'
import type { GossipRun } from '../src/gossip/run.ts'

const run = (members: number, timeMs: number): GossipRun => ({
  members,
  formedMs: 1,
  quiet: { bytesPerSecond: 1, cpuPercent: 1, opensPerMinute: 0, links: 1, messagesPerSecond: 1, rttMs: [] },
  events: [{ kind: 'leave', viewers: 1, timesMs: [timeMs], rounds: 1 }],
  dialsMs: [timeMs],
  half: { killed: 1, survivors: 1, rightMs: 1, deliveredMs: 0, announced: 1, lost: 0 }
})

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gossip-kept-'))
})
afterEach(async () => rm(directory, { recursive: true }))

test('runs of several files come back by size, and those of one size are one', () => {
  const paths = [run(100, 5), run(25, 6), run(100, 7)].map((each, at) => {
    const path = join(directory, `${at}.json`)
    keepRuns(path, [each])
    return path
  })
  const found = keptRuns(paths)
  expect(found.map(({ members }) => members)).toEqual([25, 100])
  expect(found[1]?.dialsMs).toEqual([5, 7])
  expect(found[1]?.events.flatMap(({ timesMs }) => timesMs)).toEqual([5, 7])
})

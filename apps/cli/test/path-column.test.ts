import { expect, test } from 'vitest'
import { GetView } from '../src/get-view.ts'
import { MAX_PATHS_KEPT, PathColumn, pathText } from '../src/path-column.ts'
import { serveLine } from '../src/progress.ts'
import { createTestIo } from './helpers.ts'

test('a path that never changed is told as it is', () => {
  const paths = new PathColumn()
  expect(paths.see('a', 'relay')).toBeUndefined()
  expect(paths.see('a', 'relay')).toBeUndefined()
  expect(pathText('relay')).toBe('relay')
  expect(pathText('none', 'relay')).toBe('')
})

test('a path that changed is told with what it was, until it changes again', () => {
  const paths = new PathColumn()
  paths.see('a', 'relay')
  expect(paths.see('a', 'direct')).toBe('relay')
  expect(paths.see('a', 'direct')).toBe('relay')
  expect(paths.see('a', 'none')).toBeUndefined()
  expect(paths.see('a', 'relay')).toBe('direct')
  expect(paths.see('b', 'relay')).toBeUndefined()
  expect(pathText('direct', 'relay')).toBe('relay -> direct')
})

test('as many peers are remembered as may be, the one looked at longest ago goes', () => {
  const paths = new PathColumn()
  for (let index = 0; index <= MAX_PATHS_KEPT; index += 1) {
    paths.see(`peer ${index}`, 'relay')
  }
  expect(paths.see('peer 0', 'direct')).toBeUndefined()
  expect(paths.see(`peer ${MAX_PATHS_KEPT}`, 'direct')).toBe('relay')
})

test('a download that began on a relay shows the change, and says so at the end', () => {
  const { io, stderr, advance } = createTestIo()
  const view = new GetView(io, () => 0)
  const traffic = { received: 4, useful: 4, wasted: { corrupt: 0, duplicate: 0, unrequested: 0 } }
  const bytes = { bytesDone: 1, bytesTotal: 4, bytesReceived: 1, traffic, rateBps: 0, peers: 1 }
  view.show({ type: 'map', name: 'x', files: 1, leaves: 1, bytesTotal: 4, bytesHave: 0 })
  view.show({ type: 'progress', ...bytes, path: 'relay' })
  // a log is written every few seconds
  advance(10_000)
  view.show({ type: 'progress', ...bytes, path: 'direct' })
  const done = { root: {} as never, bytes: 4, bytesReceived: 4, traffic, seconds: 1, output: '/x', sources: [] }
  view.show({ type: 'done', ...done })
  expect(stderr.text).toMatch(/1 peer {2}relay -> direct\n/u)
  expect(stderr.text).toMatch(/, relay -> direct\n$/u)
})

test('a sharer sees how each receiver is reached', () => {
  const receivers = [{ peer: '12D3KooW-peer-1', bytes: 5, path: 'direct', pathBefore: 'relay' } as const]
  const line = serveLine({ bytesSent: 5, bytesShared: 5, rateBps: 0, peers: 1, receivers })
  expect(line).toMatch(/to \.\.peer-1 5 B relay -> direct$/u)
})

import { expect, test } from 'vitest'
import { AnnouncedRoot } from '../../src/provide/announced-root.ts'
import { MAX_STREAM_KEYS, tasksOf } from '../../src/provide/announce-region.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { rootOf } from '../support/roots.ts'

const holder = { key: 'holder' } as DhtContact

test.each([
  [MAX_STREAM_KEYS, [MAX_STREAM_KEYS]],
  [MAX_STREAM_KEYS + 1, [MAX_STREAM_KEYS, 1]]
])('%d keys for one holder go over as many streams as they need', (count, sizes) => {
  const roots = Array.from({ length: count }, (_, at) => new AnnouncedRoot(rootOf(at), 0))
  const tasks = tasksOf(new Map(roots.map((root) => [root, [holder]])))
  expect(tasks.map((task) => task.roots.length)).toEqual(sizes)
  expect(new Set(tasks.flatMap((task) => task.roots))).toEqual(new Set(roots))
})

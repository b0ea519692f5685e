import type { PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { GetView, JSON_PROGRESS_MS } from '../src/get-view.ts'
import type { TransferEvent } from '@p2pshare/core'
import { createTestIo } from './helpers.ts'

const root = CID.parse('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
const peer = { toString: () => '12D3Koo' } as PeerId
const MIB = 1024 * 1024
const map: TransferEvent = {
  type: 'map',
  name: 'a\u001b[2Jb',
  files: 2,
  leaves: 4,
  bytesTotal: 4 * MIB,
  bytesHave: MIB
}
const none = { corrupt: 0, duplicate: 0, unrequested: 0 }
const progress: TransferEvent & { type: 'progress' } = {
  type: 'progress',
  bytesDone: 2 * MIB,
  bytesTotal: 4 * MIB,
  bytesReceived: MIB,
  traffic: { received: MIB, useful: MIB, wasted: none },
  rateBps: MIB,
  peers: 1,
  path: 'direct',
  etaS: 2
}
const traffic = { received: 3 * MIB, useful: 3 * MIB, wasted: none }
const done: TransferEvent & { type: 'done' } = {
  type: 'done',
  root,
  bytes: 4 * MIB,
  bytesReceived: 3 * MIB,
  seconds: 3,
  output: '/x/f',
  traffic,
  sources: [{ peer, bytes: 3 * MIB, traffic }]
}

const noPeer = {
  cause: 'no-peer',
  detail: 'none of 1 peer connected has what is missing',
  trying: [{ type: 'search' }]
} as const

function createView(
  init: Parameters<typeof createTestIo>[0] = {}
): ReturnType<typeof createTestIo> & { view: GetView } {
  let now = 0
  const test = createTestIo(init)
  const view = new GetView(test.io, () => now)
  return {
    ...test,
    view,
    advance: (ms) => {
      now += ms
      test.advance(ms)
    }
  }
}

test('a download as a log', () => {
  const { view, stdout, stderr, advance } = createView()
  advance(1000)
  view.tick()
  advance(1000)
  view.tick()
  view.show({ type: 'started', root, name: 'f' })
  view.show(map)
  view.show({ type: 'peer', peer, state: 'joined', path: 'direct' })
  advance(5000)
  view.show(progress)
  view.tick()
  view.show({ type: 'peer', peer, state: 'dropped', reason: 'sent wrong bytes' })
  advance(5000)
  view.show({ type: 'stalled', sinceMs: 12_000, ...noPeer })
  view.show(done)
  expect(stderr.text.split('\n')).toEqual([
    'looking for somebody who has it  2 s',
    'a\\x1b[2Jb  2 files, 4.0 MiB',
    'resumed: 1.0 MiB (25%) are here already',
    '50%  2.0 MiB of 4.0 MiB  1.0 MiB/s  eta 0:02  1 peer  direct',
    'warning  12D3Koo is not asked any more: sent wrong bytes',
    'waiting  12 s without a byte  nobody has it: none of 1 peer connected has what is missing  (looking for others)',
    'ok  4.0 MiB verified in 3.0 s (1.0 MiB/s) from 1 peer',
    ''
  ])
  expect(stdout.text).toBe('/x/f\n')
})

test('what was here already needed nobody', () => {
  const { view, stderr } = createView()
  view.show({ ...done, bytesReceived: 0, sources: [] })
  expect(stderr.text).toBe('ok  all of it was here already (4.0 MiB, verified)\n')
})

test('what was here already is not fetched at a rate, though somebody had to send the map', () => {
  const { view, stderr } = createView()
  view.show({ type: 'started', root, name: 'f' })
  view.show({ ...done, bytesReceived: 1949, sources: [{ peer, bytes: 0, traffic }] })
  expect(stderr.text).toBe('ok  all of it was here already (4.0 MiB, verified)\n')
})

test('an empty share was neither here already nor fetched at a rate', () => {
  const { view, stderr } = createView()
  view.show({ ...map, name: 'f', files: 1, bytesTotal: 0, bytesHave: 0 })
  view.show({ ...done, bytes: 0, bytesReceived: 0, sources: [] })
  expect(stderr.text).toBe('f  1 file, 0 B\nok  0 B verified in 3.0 s\n')
})

test('a small file that came with the map is neither resumed nor from nobody', () => {
  const { view, stderr } = createView()
  view.show({ ...map, name: 'f', bytesHave: 4 * MIB })
  view.show({ ...done, sources: [] })
  expect(stderr.text).toBe('f  2 files, 4.0 MiB\nok  4.0 MiB verified in 3.0 s (1.0 MiB/s)\n')
})

test('a program gets at most three progress events a second, and each of the others', () => {
  const { view, stdout, advance } = createView({ json: true })
  view.show(map)
  for (let ms = 0; ms < 1000; ms += 10) {
    view.show(progress)
    advance(10)
  }
  view.show({ type: 'warning', message: 'w' })
  view.show(done)
  const types = stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type)
  expect(types.filter((type) => type === 'transfer.progress')).toHaveLength(Math.ceil(1000 / JSON_PROGRESS_MS))
  expect(types.slice(-2)).toEqual(['transfer.warning', 'transfer.done'])
})

test('how far it came is kept for the report of a failure', () => {
  const { view } = createView({ quiet: true })
  expect(view.totals).toEqual({})
  view.show({ type: 'started', root, name: 'f' })
  view.show(map)
  expect(view.totals).toEqual({ cid: root.toString(), bytesTotal: 4 * MIB, bytesDone: MIB })
  view.show(progress)
  expect(view.totals).toMatchObject({ bytesDone: 2 * MIB, bytesReceived: MIB })
})

test('while nothing comes the line says why, for how long by now, and stops when bytes come', () => {
  const { view, stderr, advance } = createView()
  view.show(map)
  advance(6000)
  view.show({ type: 'stalled', sinceMs: 10_000, ...noPeer })
  advance(5000)
  view.show(progress)
  advance(5000)
  view.tick()
  view.show({ type: 'flowing', stalledMs: 20_000 })
  advance(5000)
  view.show(progress)
  const lines = stderr.text.split('\n').filter((line) => /^waiting|^ *50%/.test(line))
  expect(lines.map((line) => line.slice(0, 30))).toEqual([
    'waiting  15 s without a byte  ',
    'waiting  20 s without a byte  ',
    '50%  2.0 MiB of 4.0 MiB  1.0 M'
  ])
})

test('a reason that a narrow terminal has no room for is said whole, once', () => {
  const { view, stderr, advance } = createView({ tty: true })
  const detail = 'none of the 3 peers that are known could be reached: connect ECONNREFUSED 203.0.113.7:4001'
  view.show(map)
  for (const sinceMs of [10_000, 20_000]) {
    view.show({ type: 'stalled', sinceMs, cause: 'unreachable', detail, trying: [] })
    advance(10_000)
  }
  expect(stderr.text.split(`nothing comes: ${detail}\n`)).toHaveLength(2)
})

test('what was wasted is said at the end, and only then', () => {
  const { view, stderr } = createView()
  const wasted = { corrupt: 2 * MIB, duplicate: 1024, unrequested: 0 }
  view.show({ ...done, traffic: { ...traffic, wasted } })
  expect(stderr.text).toBe(
    'ok  4.0 MiB verified in 3.0 s (1.0 MiB/s) from 1 peer, wasted 2.0 MiB corrupt, 1.0 KiB duplicate\n'
  )
})

test('a failure keeps what came, from whom, and why nothing more did', () => {
  const { view, stdout } = createView({ json: true })
  const error = Object.assign(new RangeError('stalled'), { stall: 'choked' })
  view.show({ type: 'failed', root, error, seconds: 1, traffic, sources: [{ peer, bytes: 1, traffic }] })
  expect(view.totals).toMatchObject({ bytesReceived: 3 * MIB, cause: 'choked', traffic, sources: [{ bytes: 1 }] })
  expect(stdout.text).toBe('') // `transfer.done` says it, with the exit code
})

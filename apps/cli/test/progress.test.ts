import { expect, test } from 'vitest'
import { bar, serveLine, transferLine } from '../src/progress.ts'

const MIB = 1024 * 1024
const half = {
  bytesDone: 61 * MIB,
  bytesTotal: 100 * MIB,
  rateBps: 44 * MIB,
  peers: 3,
  path: 'direct',
  etaS: 17.2
} as const

test('a log line has bytes, rate, eta, peers and path', () => {
  expect(transferLine(half)).toBe('61%  61 MiB of 100 MiB  44 MiB/s  eta 0:18  3 peers  direct')
})

test('a terminal gets a bar when there is room', () => {
  expect(transferLine(half, 80)).toBe('#########......   61%  61 MiB of 100 MiB  44 MiB/s  eta 0:18  3 peers  direct')
})

test('the bar keeps its width while numbers change theirs', () => {
  const early = transferLine({ ...half, bytesDone: 0, rateBps: 0, peers: 10 }, 80)
  expect(early.indexOf('%')).toBe(transferLine(half, 80).indexOf('%'))
})

test('a narrow terminal loses the least important fields first', () => {
  expect(transferLine(half, 40)).toBe(' 61%  61 MiB of 100 MiB  44 MiB/s')
  expect(transferLine(half, 6)).toBe(' 61%')
  expect(transferLine(half, 3)).toBe(' 6')
})

test('no path is shown while nobody is connected, and no eta while nothing moves', () => {
  const { etaS: _, ...rest } = half
  expect(transferLine({ ...rest, rateBps: 0, peers: 0, path: 'none' })).toBe(
    '61%  61 MiB of 100 MiB  0 B/s  eta -  0 peers'
  )
})

test('an empty file is complete', () => {
  expect(transferLine({ ...half, bytesDone: 0, bytesTotal: 0 })).toContain('100%')
})

test('a sharer sees how many copies went out', () => {
  const idle = { bytesSent: 0, bytesShared: 10 * MIB, rateBps: 0, peers: 1, receivers: [] }
  expect(serveLine(idle)).toBe('nothing fetched yet  1 peer connected')
  expect(serveLine({ ...idle, bytesSent: 24 * MIB, rateBps: MIB, peers: 2 })).toBe(
    'sent 24 MiB (2.4 copies)  1.0 MiB/s  2 peers connected'
  )
  expect(serveLine({ ...idle, bytesSent: 5, bytesShared: 0 })).toContain('(0.0 copies)')
})

test('a sharer sees who took most of it, and how many there are besides', () => {
  const receivers = [1, 5, 3, 4].map((n) => ({ peer: `12D3KooW-peer-${n}`, bytes: n * MIB }))
  const line = serveLine({ bytesSent: 13 * MIB, bytesShared: MIB, rateBps: 0, peers: 4, receivers })
  expect(line).toMatch(
    /4 peers connected {2}to \.\.peer-5 5\.0 MiB {2}to \.\.peer-4 4\.0 MiB {2}to \.\.peer-3 3\.0 MiB {2}and 1 more$/
  )
})

test('a bar is full only at the end', () => {
  expect([bar(-1, 4), bar(0.99, 4), bar(1, 4), bar(2, 4)]).toEqual(['....', '###.', '####', '####'])
})

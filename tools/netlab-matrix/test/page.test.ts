import { describe, expect, it } from 'vitest'
import { pageOf } from '../src/page.ts'
import { cellOf } from '../src/results.ts'
import { COLUMNS, markdownTable, rowOf, textTable } from '../src/table.ts'

const EASY = cellOf({ a: 'public', b: 'rst' }, 0, [
  { connected: true, path: 'direct', way: 'udp-punch', directMs: 443.4 }
])
const HARD = cellOf({ a: 'symmetric', b: 'symmetric' }, 5, [{ connected: true, path: 'relay' }])
const WORSE = cellOf({ a: 'rst', b: 'rst' }, 0, [{ connected: true, path: 'relay' }])

describe('a row', () => {
  it('says how, how often and how fast', () => {
    expect(rowOf(EASY)).toEqual([
      ...['public x rst', '0 %', '1/1', '1/1', 'udp-punch', '443', '443'],
      ...['100 %, 370 / 470 ms', 'p50 above the goal']
    ])
  })

  it('tells a relay that has to be from one that need not', () => {
    expect(rowOf(HARD)).toEqual([
      ...['symmetric x symmetric', '5 %', '1/1', 'relayed', '', '', '', ''],
      'no way leads through'
    ])
    expect(rowOf(WORSE).at(-1)).toBe('1 of 1 stayed on the relay')
  })

  it('counts the ways where there are several', () => {
    const run = { connected: true, path: 'direct' } as const
    const cell = cellOf({ a: 'rst', b: 'rst' }, 0, [
      { ...run, way: 'lan' },
      { ...run, way: 'dial' },
      { ...run, way: 'dial' }
    ])
    expect(rowOf(cell)[4]).toBe('dial 2, lan 1')
  })
})

describe('tables', () => {
  it('line up on a screen', () => {
    const [head = '', ...lines] = textTable([rowOf(EASY), rowOf(HARD)]).split('\n')
    const at = head.indexOf('connected')
    expect(lines.map((line) => line.slice(at, at + 3))).toEqual(['1/1', '1/1'])
  })

  it('have as many columns in every line of Markdown', () => {
    const bars = markdownTable([rowOf(EASY), rowOf(HARD)])
      .split('\n')
      .map((line) => line.split('|').length)
    expect(new Set(bars)).toEqual(new Set([COLUMNS.length + 2]))
  })
})

describe('the page', () => {
  const setting = { day: '2026-11-22', relayRttMs: 100, directRttMs: 80, machine: '2 x a processor' } as const

  it('says what a lab is worth, and how the figures were taken', () => {
    const page = pageOf(setting, [EASY, HARD])
    expect(page).toContain('A lab success is not a field success')
    expect(page).toContain('Taken 2026-11-22 on 2 x a processor')
    expect(page).toContain('R = 100 ms')
    expect(page).toContain('D = 80 ms')
    expect(page).toContain('There are 103 pairs')
    expect(page).toContain('2 pairs, 2 cells, 2 runs. 1 of 2 cells became direct. All did what theory allows.')
    expect(page).not.toContain('Two nodes that meet')
  })

  it('says how busy the machine was, and on which days', () => {
    const runs = [1, 8, 2].map((load) => ({ connected: true, path: 'direct', load, day: '2026-11-21' }) as const)
    const page = pageOf(setting, [
      cellOf(EASY.pair, 5, runs),
      cellOf(EASY.pair, 0, [{ connected: true, path: 'direct', day: '2026-11-23' }])
    ])
    expect(page).toContain('Taken 2026-11-21 to 2026-11-23')
    expect(page).toContain('2 in the middle, 8 at most')
    expect(pageOf(setting, [EASY])).not.toContain('Load average')
  })

  it('keeps the programs and nodes that only meet apart', () => {
    const page = pageOf(setting, [EASY, cellOf(EASY.pair, 0, [{ connected: true, path: 'direct' }], 'node')])
    expect(page.indexOf('## The programs')).toBeGreaterThan(0)
    expect(page.indexOf('## Two nodes that meet')).toBeGreaterThan(page.indexOf('## The programs'))
  })

  it('says how soon nodes hear of each other over the relay', () => {
    const runs = [290, 300, 400].map(
      (firstByteMs) => ({ connected: true, path: 'relay', began: 'relay', firstByteMs }) as const
    )
    const page = pageOf(setting, [EASY, cellOf(EASY.pair, 0, runs, 'node')])
    expect(page).toContain('first byte of an answer (goal: 3 R): p50 300 ms, p95 400 ms, of 3 runs')
    expect(pageOf(setting, [EASY, cellOf(EASY.pair, 0, runs)])).not.toContain('first byte')
  })

  it('does not hide what went worse, or slower than it should', () => {
    expect(pageOf(setting, [EASY, WORSE])).toContain('Not as theory says: 1')
    const slow = cellOf(EASY.pair, 0, [{ connected: true, path: 'direct', directMs: 471 }])
    expect(pageOf(setting, [EASY, slow])).toContain('Slower than their goal: 2.')
  })
})

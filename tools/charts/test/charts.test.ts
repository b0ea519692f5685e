import { expect, test } from 'vitest'
import { barChart, lineChart } from '../src/index.ts'

const bars = () =>
  barChart({
    title: 'One & one',
    caption: 'two cores',
    categories: ['ours', 'theirs'],
    value: { label: 'MB/s' },
    series: [{ name: 'rate', values: [3, null], ranges: [[2, 4], null] }],
    highlight: 'ours'
  })

const lines = (y: number, log?: 2 | 10) =>
  lineChart({
    title: 'Lines',
    caption: 'two cores',
    x: { label: 'peers', log: 2 },
    y: { label: 'ratio', ...(log === undefined ? {} : { log }) },
    series: [
      { name: 'measured', points: [[1, y]] },
      { name: 'bound', points: [[1, 1]], dashed: true }
    ],
    goals: [{ value: 1.05, label: 'goal 1.05' }]
  })

test('the same specification gives the same bytes, whatever was drawn before', () => {
  const first = [bars(), lines(2)]
  expect([bars(), lines(2)]).toEqual(first)
})

test('a chart says what it shows', () => {
  const svg = bars()
  for (const text of ['One &amp; one', 'two cores', 'ours', 'theirs', 'MB/s', '3 [2-4]']) {
    expect(svg).toContain(text)
  }
  for (const text of ['measured', 'bound', 'goal 1.05', 'peers', 'ratio']) {
    expect(lines(2)).toContain(text)
  }
})

test('a chart changes its colours for a dark page', () => {
  expect(bars()).toContain('@media (prefers-color-scheme:dark)')
})

test('a logarithmic axis refuses zero', () => {
  expect(() => lines(0, 10)).toThrow('ratio: a logarithmic axis')
})

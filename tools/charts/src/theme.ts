/** A colour for a light page, and the one that replaces it on a dark one. Each pair is used for one thing only. */
type Pair = readonly [light: string, dark: string]

const PAPER: Pair = ['#fdfdfc', '#16181d']
const INK: Pair = ['#1f2328', '#e9edf2']
const FAINT_INK: Pair = ['#575f68', '#a5afba']
const GRID: Pair = ['#e2e5e9', '#30363f']
const MUTED_BAR: Pair = ['#a9b1bb', '#68727e']
const GOAL: Pair = ['#8a5a00', '#e3b341']

/** Told apart with the common kinds of colour blindness too, by lightness where not by hue. */
const SERIES: readonly Pair[] = [
  ['#1d5fbf', '#6ea8ff'],
  ['#c2500f', '#ff9e64'],
  ['#12805a', '#4cc9a0'],
  ['#9b3488', '#e58fd8'],
  ['#6f7d00', '#c9d34a'],
  ['#0d7d92', '#56cfe1'],
  ['#b3261f', '#ff8a80'],
  ['#5a5f66', '#b6bec8']
]

/** Without quotes: it goes into attributes as it is. */
export const FONT = 'Helvetica, Arial, sans-serif'

export const MUTED = MUTED_BAR[0]

export const COLOURS = {
  paper: PAPER[0],
  ink: INK[0],
  faintInk: FAINT_INK[0],
  grid: GRID[0],
  goal: GOAL[0]
} as const

/** Colours repeat after eight: a chart of more lines than that is not readable in any colours. */
export function seriesColour(index: number): string {
  return SERIES[index % SERIES.length]?.[0] ?? INK[0]
}

/** Replaces colours where the reader's system asks for dark; elsewhere the chart keeps its light paper. */
export function darkStyle(): string {
  const rules = [PAPER, INK, FAINT_INK, GRID, MUTED_BAR, GOAL, ...SERIES].flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((property) => `[${property}="${light}"]{${property}:${dark}}`)
  )
  return `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`
}

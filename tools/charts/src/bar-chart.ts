import type { BarSeriesOption, CustomSeriesOption, EChartsOption } from 'echarts'
import { goalLines, valueAxis } from './axis.ts'
import { MARGIN, render } from './render.ts'
import type { BarChartSpec, BarSeries } from './spec.ts'
import { COLOURS, FONT, MUTED, seriesColour } from './theme.ts'

const WIDTH = 800
const BAR_HEIGHT = 20
/** Height without bars: title, legend, axis. */
const FRAME_HEIGHT = 150
/** Pixels of a letter of a category, on the wide side. */
const CATEGORY_CHARACTER = 7
const WHISKER = 4
/** Room for the value beside the longest bar. */
const NOTE_WIDTH = 124
const GAPS = { barGap: '10%', barCategoryGap: '28%' }

/**
 * Horizontal bars with whiskers from the lowest to the highest run, as SVG text.
 *
 * @throws RangeError when a value has no place on a logarithmic axis.
 */
export function barChart(spec: BarChartSpec): string {
  const { categories, series, goals = [], digits = 0 } = spec
  const values = series.flatMap((bars) => bars.values.filter((value) => value !== null))
  const frame = {
    title: spec.title,
    caption: spec.caption,
    width: spec.width ?? WIDTH,
    height: spec.height ?? FRAME_HEIGHT + categories.length * (series.length * BAR_HEIGHT + 14),
    legend: series.map((bars) => bars.name)
  }
  const longest = Math.max(...categories.map((category) => category.length))
  return render(frame, ({ top, bottom }): EChartsOption => ({
    grid: { left: MARGIN + 8 + longest * CATEGORY_CHARACTER, right: NOTE_WIDTH, top: top + 8, bottom: bottom + 28 },
    xAxis: {
      ...valueAxis(spec.value, values, { location: 'middle', gap: 28 }),
      // without it the bars of a logarithmic axis begin at 1
      ...(spec.value.log === undefined || spec.value.min === undefined ? {} : { startValue: spec.value.min })
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: [...categories],
      axisLine: { lineStyle: { color: COLOURS.faintInk } },
      axisTick: { show: false },
      axisLabel: { color: COLOURS.ink, fontFamily: FONT, fontSize: 12, interval: 0 }
    },
    series: [
      ...series.map((bars, index): BarSeriesOption => ({
        ...toBars(spec, bars, seriesColour(index)),
        ...(index === 0 && goals.length > 0 ? { markLine: goalLines(goals, 'xAxis') } : {})
      })),
      ...series.map((bars, index) => notes(bars, index, series.length, digits))
    ]
  }))
}

function toBars({ categories, highlight }: BarChartSpec, bars: BarSeries, color: string): BarSeriesOption {
  return {
    type: 'bar',
    name: bars.name,
    ...GAPS,
    itemStyle: { color },
    data: bars.values.map((value, category) => ({
      value: value ?? '-',
      ...(highlight === undefined || categories[category] === highlight ? {} : { itemStyle: { color: MUTED } })
    }))
  }
}

/** Whisker and value of each bar. One shape draws both, so that the text starts where the whisker ends. */
function notes(bars: BarSeries, index: number, count: number, digits: number): CustomSeriesOption {
  return {
    type: 'custom',
    name: bars.name,
    silent: true,
    clip: false,
    z: 3,
    data: bars.values.flatMap((value, category) => (value === null ? [] : [[value, category]])),
    encode: { x: 0, y: 1 },
    renderItem: (_params, api) => {
      const value = Number(api.value(0))
      const category = Number(api.value(1))
      const [low, high] = bars.ranges?.[category] ?? [value, value]
      const at = (x: number): number => api.coord([x, category])[0] ?? 0
      const layout = api.barLayout({ ...GAPS, count })?.[index]
      const y = (api.coord([value, category])[1] ?? 0) + (layout?.offsetCenter ?? 0)
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: COLOURS.ink, lineWidth: 1.25 }
      })
      const whisker =
        low === high
          ? []
          : [
              line(at(low), y, at(high), y),
              line(at(low), y - WHISKER, at(low), y + WHISKER),
              line(at(high), y - WHISKER, at(high), y + WHISKER)
            ]
      const text = low === high ? value.toFixed(digits) : rangeText(value, low, high, digits)
      return {
        type: 'group',
        children: [
          ...whisker,
          {
            type: 'text' as const,
            style: {
              x: at(Math.max(value, high)) + 7,
              y,
              text,
              fill: COLOURS.ink,
              fontFamily: FONT,
              fontSize: 12,
              verticalAlign: 'middle' as const
            }
          }
        ]
      }
    }
  }
}

function rangeText(value: number, low: number, high: number, digits: number): string {
  return `${value.toFixed(digits)} [${low.toFixed(digits)}-${high.toFixed(digits)}]`
}

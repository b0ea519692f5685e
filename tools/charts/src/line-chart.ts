import type { LineSeriesOption } from 'echarts'
import { goalLines, valueAxis } from './axis.ts'
import { MARGIN, render } from './render.ts'
import type { LineChartSpec, LineSeries } from './spec.ts'
import { seriesColour } from './theme.ts'

const WIDTH = 800
const HEIGHT = 440
const MOST_DOTS = 40

/**
 * Lines as SVG text.
 *
 * @throws RangeError when a value has no place on a logarithmic axis.
 */
export function lineChart(spec: LineChartSpec): string {
  const { series, goals = [] } = spec
  const groups = [...new Set(series.map((line) => line.group ?? line.name))]
  const xs = series.flatMap((line) => line.points.map(([x]) => x))
  const ys = series.flatMap((line) => line.points.map(([, y]) => y))
  const frame = {
    title: spec.title,
    caption: spec.caption,
    width: spec.width ?? WIDTH,
    height: spec.height ?? HEIGHT,
    legend: series.map((line) => line.name)
  }
  return render(frame, ({ top, bottom }) => ({
    grid: { left: 64, right: MARGIN + 12, top, bottom: bottom + 32 },
    xAxis: { ...valueAxis(spec.x, xs, { location: 'middle', gap: 28 }), splitLine: { show: false } },
    yAxis: valueAxis(spec.y, ys, { location: 'middle', gap: 46 }),
    series: series.map((line, index) => ({
      ...toSeries(line, seriesColour(groups.indexOf(line.group ?? line.name))),
      ...(index === 0 && goals.length > 0 ? { markLine: goalLines(goals, 'yAxis') } : {})
    }))
  }))
}

function toSeries(line: LineSeries, color: string): LineSeriesOption {
  return {
    type: 'line',
    name: line.name,
    data: line.points.map(([x, y]) => [x, y]),
    symbol: 'circle',
    symbolSize: 6,
    showSymbol: line.dots ?? line.points.length <= MOST_DOTS,
    itemStyle: { color },
    lineStyle: { color, width: 2, type: line.dashed === true ? 'dashed' : 'solid' }
  }
}

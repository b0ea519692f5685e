/** Charts of benchmarks and simulations as SVG text: the same specification always gives the same bytes. */
export { barChart } from './bar-chart.ts'
export { lineChart } from './line-chart.ts'
export type { AxisSpec, BarChartSpec, BarSeries, GoalLine, LineChartSpec, LineSeries } from './spec.ts'

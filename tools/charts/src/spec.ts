/** What every chart has. */
interface ChartSpec {
  readonly title: string
  /** Machine, versions, sizes, number of runs: what a reader needs to repeat it. Wrapped below the chart. */
  readonly caption: string
  /** @default 800 */
  readonly width?: number
  /** @default 440 for lines; bars take what they need */
  readonly height?: number
  /** Dashed lines across the plot, for example a goal. */
  readonly goals?: readonly GoalLine[]
}

/** A dashed line at a value of the value axis. */
export interface GoalLine {
  readonly value: number
  readonly label: string
}

/** One axis. A logarithmic one takes only values above zero; bars on it begin at `min`, which should be given. */
export interface AxisSpec {
  /** What is counted, with its unit. */
  readonly label: string
  /** Base of the logarithm: 2 for doubling steps, 10 for orders of magnitude. @default linear */
  readonly log?: 2 | 10
  readonly min?: number
  readonly max?: number
}

/** One line. */
export interface LineSeries {
  readonly name: string
  /** `[x, y]`, in the order they are joined. */
  readonly points: readonly (readonly [number, number])[]
  /** A bound or a reference rather than a measurement. @default false */
  readonly dashed?: boolean
  /** Dots on the points. @default true up to 40 points */
  readonly dots?: boolean
  /** Lines of the same group share a colour. @default every line its own */
  readonly group?: string
}

/** Lines over a number: time, peers, milliseconds. */
export interface LineChartSpec extends ChartSpec {
  readonly x: AxisSpec
  readonly y: AxisSpec
  readonly series: readonly LineSeries[]
}

/** One bar a category. */
export interface BarSeries {
  readonly name: string
  /** As many as there are categories; `null` leaves a gap. */
  readonly values: readonly (number | null)[]
  /** Lowest and highest run, drawn as a whisker. */
  readonly ranges?: readonly (readonly [number, number] | null)[]
}

/** Horizontal bars, the first category on top. */
export interface BarChartSpec extends ChartSpec {
  readonly categories: readonly string[]
  readonly value: AxisSpec
  readonly series: readonly BarSeries[]
  /** The category the chart is about: the others step back into grey. For charts of one series. */
  readonly highlight?: string
  /** Digits after the point of the values beside the bars. @default 0 */
  readonly digits?: number
}

import type { AxisSpec, GoalLine } from './spec.ts'
import { COLOURS, FONT } from './theme.ts'

/** The part of an axis that all charts share. */
export function valueAxis(spec: AxisSpec, values: readonly number[], name: { location: 'middle'; gap: number }) {
  if (spec.log !== undefined && values.some((value) => value <= 0)) {
    throw new RangeError(`${spec.label}: a logarithmic axis has no place for values of zero and below`)
  }
  return {
    name: spec.label,
    nameLocation: name.location,
    nameGap: name.gap,
    nameTextStyle: { color: COLOURS.faintInk, fontFamily: FONT, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: COLOURS.faintInk } },
    axisTick: { show: true, lineStyle: { color: COLOURS.faintInk } },
    axisLabel: { color: COLOURS.faintInk, fontFamily: FONT, formatter: plainNumber },
    splitLine: { lineStyle: { color: COLOURS.grid } },
    ...(spec.min === undefined ? {} : { min: spec.min }),
    ...(spec.max === undefined ? {} : { max: spec.max }),
    ...(spec.log === undefined ? { type: 'value' as const } : { type: 'log' as const, logBase: spec.log })
  }
}

/** Goals as mark lines of an axis. */
export function goalLines(goals: readonly GoalLine[], axis: 'xAxis' | 'yAxis') {
  return {
    silent: true,
    symbol: 'none' as const,
    lineStyle: { color: COLOURS.goal, type: 'dashed' as const, width: 1.5 },
    label: {
      color: COLOURS.goal,
      fontFamily: FONT,
      fontSize: 11,
      position: axis === 'yAxis' ? ('insideEndTop' as const) : ('start' as const)
    },
    data: goals.map(({ value, label }) => ({ [axis]: value, label: { formatter: label } }))
  }
}

/** Up to six digits that mean something, without the noise of binary fractions. */
function plainNumber(value: number): string {
  return String(Number(value.toPrecision(6)))
}

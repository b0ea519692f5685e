import { expect, test } from 'vitest'
import { MAX_RELAY_FIELDS, readNumber } from '../../src/relay/message-fields.ts'

test('a field is found among MAX_RELAY_FIELDS, and not behind them', () => {
  const others = (count: number): number[] => new Array<number[]>(count).fill([8, 7]).flat()
  const wanted = [40, 9]
  expect(readNumber(Uint8Array.from([...others(MAX_RELAY_FIELDS - 1), ...wanted]), 5)).toBe(9)
  expect(readNumber(Uint8Array.from([...others(MAX_RELAY_FIELDS), ...wanted]), 5)).toBeUndefined()
})

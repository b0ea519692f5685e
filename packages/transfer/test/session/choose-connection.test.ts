import type { Connection } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { chooseConnection } from '../../src/session/choose-connection.ts'

const direct = { status: 'open' } as unknown as Connection
const direct2 = { status: 'open' } as unknown as Connection
const relay = { status: 'open', limits: {} } as unknown as Connection
const relay2 = { status: 'open', limits: {} } as unknown as Connection
const closed = { status: 'closed' } as unknown as Connection

test.each<[what: string, all: Connection[], current: Connection | undefined, chosen: Connection | undefined]>([
  ['none', [closed], undefined, undefined],
  ['any that is open, when the one in use is not', [closed, relay], closed, relay],
  ['one without limits first', [relay, direct], undefined, direct],
  ['one without limits rather than the limited one in use', [relay, direct], relay, direct],
  ['the one in use, of two that are as good', [direct, direct2], direct2, direct2],
  ['the limited one in use, of two limited ones', [relay, relay2], relay2, relay2]
])('%s', (_, all, current, chosen) => {
  expect(chooseConnection(all, current)).toBe(chosen)
})

import { expect, it } from 'vitest'
import { ownFirst } from '../../src/relay/metered-circuits.ts'

it('asks a relay over what this node opened, and over what the relay opened when there is nothing else', () => {
  const dialBack = { id: 'dial-back', direction: 'inbound' } as const
  const newer = { id: 'newer', direction: 'outbound' } as const
  const older = { id: 'older', direction: 'outbound' } as const
  expect(ownFirst([dialBack, newer, older])).toEqual([newer, older, dialBack])
  expect(ownFirst([dialBack])).toEqual([dialBack])
})

import { expect, test } from 'vitest'
import { Limiter } from '../../src/rate/limiter.ts'
import type { SwarmMember } from '../../src/share/member.ts'
import { swarmOutlook } from '../../src/share/swarm-outlook.ts'

function member(key: string, knowsMap = true): SwarmMember {
  return { session: { key }, knowsMap } as unknown as SwarmMember
}

const parts = { share: 's', members: [member('a'), member('b', false)], storing: 0, limiter: new Limiter() }

test('while the map is fetched, who knows it holds it and is asked for it', () => {
  expect(swarmOutlook({ ...parts, policy: undefined }, 0)).toEqual({
    connected: 2,
    holders: 1,
    asked: 1,
    storing: 0,
    capInMs: 0,
    cap: Infinity
  })
})

test('afterwards the policy knows', () => {
  const policy = { suppliers: { holders: 2, asked: 0 } }
  expect(swarmOutlook({ ...parts, policy }, 0)).toMatchObject({ holders: 2, asked: 0 })
})

test('a cap counts when it keeps every peer waiting, and nobody is read without one', () => {
  const limiter = new Limiter()
  limiter.down.limitPeer('a', 1024, 0)
  expect(swarmOutlook({ ...parts, limiter, policy: undefined }, 0)).toMatchObject({ capInMs: 0, cap: 1024 })
  limiter.down.limitNode(2048, 0)
  const { capInMs } = swarmOutlook({ ...parts, limiter, policy: undefined }, 0)
  expect(capInMs).toBeCloseTo(16_000, 0)
  expect(swarmOutlook({ ...parts, members: [], limiter, policy: undefined }, 0)).toMatchObject({ capInMs: 0 })
})

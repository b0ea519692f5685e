import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { MAX_WRONG_LEAVES } from '../../src/swarm/misdeeds.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { TRUSTED_BYTES } from '../../src/swarm/source.ts'
import { all, MIB, ofType, policyOf, requested } from './support/share-policy.ts'

const BLOCKS = MIB / BLOCK_BYTES

describe('a peer that is not known', () => {
  const arrive = (policy: SharePolicy, leaf: number): void => {
    policy.onBlocks('a', { leaf, first: 0, count: BLOCKS }, 1)
  }

  test('is asked for as many leaves as may come out wrong, then for one more for each right one', () => {
    const policy = policyOf({ leafCount: 100, peers: ['a'], trust: MAX_WRONG_LEAVES })
    policy.onHave('a', all(100), 0)
    const first = requested(policy.onGrant('a', 50, 0), 'a')
    expect(first).toHaveLength(MAX_WRONG_LEAVES)
    const [leaf = 0] = first
    arrive(policy, leaf)
    policy.onStored(leaf, 2)
    expect(requested(policy.onGrant('a', 50, 3), 'a')).toHaveLength(2)
  })

  test('is not asked for more while leaves of it are checked, nor for more than may still come out wrong', () => {
    const policy = policyOf({ leafCount: 100, peers: ['a', 'b'], trust: MAX_WRONG_LEAVES })
    policy.onHave('a', all(100), 0)
    policy.onHave('b', all(100), 0)
    const asked = requested(policy.onGrant('a', 50, 0), 'a')
    for (const leaf of asked) {
      arrive(policy, leaf)
    }
    expect(requested(policy.onGrant('a', 50, 2), 'a')).toEqual([])
    const [one = 0, two = 0, three = 0] = asked
    expect(requested(policy.onWrong(one, 3), 'a')).toEqual([])
    expect(requested(policy.onWrong(two, 3), 'a')).toEqual([])
    expect(ofType(policy.onWrong(three, 3), 'drop')).toHaveLength(1)
  })

  test('is asked again for a wrong leaf that nobody else has, however much it is asked for', () => {
    const policy = policyOf({ leafCount: 100, peers: ['a'], trust: MAX_WRONG_LEAVES })
    policy.onHave('a', all(100), 0)
    const [leaf = 0] = requested(policy.onGrant('a', 50, 0), 'a')
    arrive(policy, leaf)
    expect(requested(policy.onWrong(leaf, 2), 'a')).toEqual([leaf])
  })

  test('is asked for a leaf less each time it left and had been asked for some, and for one at least', () => {
    const policy = policyOf({ leafCount: 100, trust: MAX_WRONG_LEAVES })
    const join = (): number => {
      policy.peerJoined('a', 0, 20)
      policy.onHave('a', all(100), 0)
      return requested(policy.onGrant('a', 50, 0), 'a').length
    }
    for (const leaves of [3, 2, 1, 1]) {
      expect(join()).toBe(leaves)
      policy.peerLeft('a', 0)
    }
    policy.peerJoined('a', 0, 20)
    policy.peerLeft('a', 0) // it owed nothing
    expect(join()).toBe(1)
  })

  test('may be asked for TRUSTED_BYTES of small leaves whatever their number is', () => {
    const policy = policyOf({ leafCount: 1000, leafBytes: 1024, peers: ['a'], trust: MAX_WRONG_LEAVES })
    policy.onHave('a', all(1000), 0)
    expect(requested(policy.onGrant('a', 1000, 0), 'a')).toHaveLength(TRUSTED_BYTES / 1024)
  })
})

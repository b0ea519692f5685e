import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { describe, expect, it } from 'vitest'
import { Invitations } from '../../src/bulk/invitations.ts'

const [peer, other] = await Promise.all([seededPeerId(seededRandom('peer')), seededPeerId(seededRandom('other'))])
const token = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const invitation = { peer, token: token(1), expiresAt: 100 }

describe('invitations', () => {
  it('are redeemed once, by the peer they are of', () => {
    const open = new Invitations()
    open.add(invitation)
    expect(open.redeem(other, token(1), 0)).toBeUndefined()
    expect(open.redeem(peer, token(2), 0)).toBeUndefined()
    expect(open.redeem(peer, token(1).subarray(1), 0)).toBeUndefined()
    expect(open.redeem(peer, token(1), 0)).toBe(invitation)
    expect(open.redeem(peer, token(1), 0)).toBeUndefined()
    expect(open.has(peer)).toBe(false)
  })

  it('are good until the moment they expire, and not at it', () => {
    const open = new Invitations()
    open.add(invitation)
    expect(open.redeem(peer, token(1), 100)).toBeUndefined()
    expect(open.redeem(peer, token(1), 99.9)).toBe(invitation)
  })

  it('of one peer stand beside each other', () => {
    const open = new Invitations()
    const second = { ...invitation, token: token(2) }
    open.add(invitation)
    open.add(second)
    expect(open.redeem(peer, token(2), 0)).toBe(second)
    expect(open.has(peer)).toBe(true)
    expect(open.all()).toEqual([invitation])
    expect([open.remove(invitation), open.remove(invitation)]).toEqual([true, false])
  })
})

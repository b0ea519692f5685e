import { describe, expect, test } from 'vitest'
import { BanList, MAX_BANS, MAX_BAN_MS } from '../../src/bans/ban-list.ts'
import type { BanRecord } from '../../src/bans/ban-list.ts'

const ban = (peer: string, since: number, until: number, more: Partial<BanRecord> = {}): BanRecord => ({
  peer,
  reason: 'wrong-bytes',
  since,
  until,
  count: 3,
  ...more
})

describe('a list of bans', () => {
  test('names those in force, the oldest first, each until its time is up', () => {
    const list = new BanList()
    list.add(ban('b', 10, 20))
    list.add(ban('a', 5, 100))
    expect(list.inForce(15).map(({ peer }) => peer)).toEqual(['a', 'b'])
    expect([list.get('b', 19), list.get('b', 20)]).toEqual([ban('b', 10, 20), undefined])
  })

  test('bans for twice as long when the last ban is remembered, for as long as that one lasted', () => {
    const list = new BanList()
    list.add(ban('a', 0, 100))
    expect(list.add(ban('a', 199, 299))).toMatchObject({ since: 199, until: 399 })
    expect(list.add(ban('a', 599, 699))).toMatchObject({ until: 699 })
  })

  test('never bans for longer than MAX_BAN_MS unless the user does', () => {
    const list = new BanList()
    list.add(ban('a', 0, MAX_BAN_MS - 1))
    expect(list.add(ban('a', MAX_BAN_MS, MAX_BAN_MS + 1))).toMatchObject({ until: 2 * MAX_BAN_MS })
    expect(list.add(ban('a', MAX_BAN_MS, Infinity, { reason: 'user' }))).toMatchObject({ until: Infinity })
  })

  test('leaves a ban that lasts longer as it is', () => {
    const list = new BanList()
    const forever = list.add(ban('a', 0, Infinity, { reason: 'user', count: 0 }))
    expect(list.add(ban('a', 5, 10))).toBe(forever)
  })

  test('forgets a peer that is removed', () => {
    const list = new BanList([ban('a', 0, 100)])
    expect([list.remove('a'), list.remove('a'), list.get('a', 5)]).toEqual([true, false, undefined])
  })

  test('keeps MAX_BANS; one more takes the place of the one that ends first, and never of one of the user', () => {
    const others = Array.from({ length: MAX_BANS - 3 }, (_, at) => ban(`peer ${at}`, 0, 3000))
    const list = new BanList([ban('by hand', 0, 1000, { reason: 'user' }), ban('ends first', 0, 2000), ...others])
    list.add(ban('the last that fits', 0, 3000))
    expect([list.records.length, list.get('ends first', 1)?.until]).toEqual([MAX_BANS, 2000])
    list.add(ban('one more', 1, 3000))
    expect(list.records).toHaveLength(MAX_BANS)
    expect([list.get('ends first', 2), list.get('by hand', 2)?.peer]).toEqual([undefined, 'by hand'])
  })

  test('refuses one more when the user has banned MAX_BANS', () => {
    const records = Array.from({ length: MAX_BANS }, (_, at) => ban(`p${at}`, 0, Infinity, { reason: 'user' }))
    const list = new BanList(records)
    expect(() => list.add(ban('one more', 1, 2))).toThrow('10000 peers are banned already')
  })

  test('lets go of what is over when another one comes', () => {
    const list = new BanList([ban('old', 0, 100)])
    list.add(ban('a', 199, 300))
    expect(list.records).toHaveLength(2)
    list.add(ban('b', 200, 300))
    expect(list.records.map(({ peer }) => peer)).toEqual(['a', 'b'])
  })
})

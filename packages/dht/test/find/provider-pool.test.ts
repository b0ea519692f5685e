import type { Member } from '@p2pshare/interface'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_NAMED, MAX_NAMED_BY_ONE, MAX_PROVIDERS, ProviderPool } from '../../src/find/provider-pool.ts'
import { Contacts } from '../../src/rpc/contacts.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { peerOf } from '../support/virtual-world.ts'

const random = seededRandom('pool')
const contacts = new Contacts(peerOf(random), () => true)

function peer(): DhtContact {
  return contacts.of(peerOf(random))
}

function membership(states: Map<DhtContact, Pick<Member, 'state' | 'rttMs'>>) {
  return {
    member: (id: DhtContact['id']): Member | undefined => {
      const [, member] = [...states].find(([contact]) => contact.id.equals(id)) ?? []
      return member === undefined ? undefined : { id, since: 0, ...member }
    }
  }
}

test('the near and alive come first, strangers then, and each once', () => {
  const [far, near, stranger] = [peer(), peer(), peer()]
  const pool = new ProviderPool(
    membership(
      new Map([
        [far, { state: 'alive', rttMs: 90 }],
        [near, { state: 'alive', rttMs: 9 }]
      ])
    )
  )
  for (const contact of [stranger, far, near, near]) {
    pool.add(contact, 'somebody', 0)
  }
  const order = [1, 2, 3, 4].map(() => pool.take(false, true)?.key)
  expect(order).toEqual([near.key, far.key, stranger.key, undefined])
})

test('one that is held dead comes at the end of the search, and only when nobody else was there', () => {
  const [dead, alive] = [peer(), peer()]
  const view = membership(new Map([[dead, { state: 'dead' }]]))
  const alone = new ProviderPool(view)
  alone.add(dead, 'somebody', 0)
  expect(alone.take(false, false)).toBeUndefined()
  expect(alone.take(false, true)?.key).toBe(dead.key)
  const both = new ProviderPool(view)
  both.add(dead, 'somebody', 0)
  both.add(alive, 'somebody', 0)
  expect(both.take(false, true)?.key).toBe(alive.key)
  expect(both.take(false, true)).toBeUndefined()
})

test('after an alarm the farthest responder has the first word', () => {
  const pool = new ProviderPool(undefined)
  const [false1, false2, honest] = [peer(), peer(), peer()]
  pool.add(false1, 'placed', 1e-9)
  pool.add(false2, 'placed', 1e-9)
  pool.add(honest, 'honest', 1e-3)
  expect(pool.take(true, false)?.key).toBe(honest.key)
})

test('one responder names 50 and not one more', () => {
  const pool = new ProviderPool(undefined)
  for (let at = 0; at < MAX_NAMED_BY_ONE; at++) {
    expect(pool.add(peer(), 'liar', 0)).toBe(true)
  }
  expect(pool.add(peer(), 'liar', 0)).toBe(false)
  expect(pool.add(peer(), 'another', 0)).toBe(true)
})

test('a search remembers 2,000 ids and hands out 256 of them', () => {
  const pool = new ProviderPool(undefined)
  for (let at = 0; at < MAX_NAMED; at++) {
    expect(pool.add(peer(), `liar ${Math.floor(at / MAX_NAMED_BY_ONE)}`, 0)).toBe(true)
  }
  expect(pool.add(peer(), 'one more', 0)).toBe(false)
  for (let at = 0; at < MAX_PROVIDERS; at++) {
    expect(pool.take(false, false)).toBeDefined()
  }
  expect(pool.isFull).toBe(true)
  expect(pool.take(false, true)).toBeUndefined()
})

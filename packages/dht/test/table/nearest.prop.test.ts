import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { nearest } from '../../src/table/nearest.ts'
import { contactsOf, nearestOfAll, trieOf } from '../support/trie.ts'

const ID_BYTES = 32

/** Few first bytes, so that ids crowd and buckets are full, empty and of all depths. */
const kadId = fc
  .tuple(
    fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff),
    fc.uint8Array({ minLength: ID_BYTES - 1, maxLength: ID_BYTES - 1 })
  )
  .map(([first, rest]) => Uint8Array.of(first, ...rest))

const table = fc
  .uniqueArray(kadId, { maxLength: 200, size: 'max', selector: (id) => id.join() })
  .map((ids) => ids.map((id) => ({ kadId: id })))

test.prop([table, kadId, fc.nat({ max: 50 }), fc.constantFrom(0, 3, 8, 12)], { numRuns: 60 })(
  'the nearest are those that a look at everybody finds, in the same order',
  (contacts, target, count, bits) => {
    const trie = trieOf(contacts, bits)
    expect(nearest(trie, target, count)).toEqual(nearestOfAll(contactsOf(trie), target, count))
  }
)

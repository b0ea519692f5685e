import { expect, test } from 'vitest'
import { boundsIn } from '../src/bounds.ts'

test('takes constants with their value as written and the first paragraph of their comment', () => {
  expect(
    boundsIn(`
      /**
       * Largest
       * leaf.
       *
       * A second thought.
       */
      export const MAX_LEAF_BYTES = 2 *
        1024
      const MAX_TRIES = 5
      export const CLIMAX = 1`)
  ).toEqual([
    { name: 'MAX_LEAF_BYTES', kind: 'constant', value: '2 * 1024', meaning: 'Largest leaf.', exported: true },
    { name: 'MAX_TRIES', kind: 'constant', value: '5', meaning: '', exported: false }
  ])
})

test('takes each member of a limits object, with its own comment or that of the object', () => {
  const found = boundsIn(`
    /** Of one frame. */
    export const FRAME_LIMITS = Object.freeze({
      topics: 8,
      /** Names. */
      nameBytes: 64
    })`)
  expect(found.map(({ name, value, meaning }) => [name, value, meaning])).toEqual([
    ['FRAME_LIMITS.topics', '8', 'Of one frame.'],
    ['FRAME_LIMITS.nameBytes', '64', 'Names.']
  ])
})

test('takes options that have a default, and no other property', () => {
  const found = boundsIn(`
    export interface Init {
      /** Peers kept.
       * @default 1_000 */
      maxPeers?: number
      /** No default. */
      maxAge?: number
      /** @default 5 */
      other?: number
    }`)
  expect(found).toEqual([{ name: 'maxPeers', kind: 'option', value: '1_000', meaning: 'Peers kept.', exported: true }])
})

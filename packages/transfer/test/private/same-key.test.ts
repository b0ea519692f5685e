import { expect, test } from 'vitest'
import { requireSameKey } from '../../src/private/same-key.ts'
import { ShareSecret } from '../../src/private/secret.ts'
import { rawCID } from '../store/fake-share.ts'

test('what is fetched with a key is for those who have the same one, and what is fetched without for those who have none', () => {
  const root = rawCID(Buffer.from('sealed'))
  const key = ShareSecret.create()
  const same = ShareSecret.fromFragment(key.toFragment(root), root)
  const require = (one?: ShareSecret, two?: ShareSecret) => () => {
    requireSameKey(root, one, two)
  }
  expect(require()).not.toThrow()
  expect(require(key, same)).not.toThrow()
  expect(require(key, ShareSecret.create())).toThrow(expect.objectContaining({ code: 'ERR_SEALED_LEAF' }))
  expect(require(key)).toThrow(expect.objectContaining({ code: 'ERR_ALREADY_FETCHING' }))
  expect(require(undefined, key)).toThrow(expect.objectContaining({ code: 'ERR_ALREADY_FETCHING' }))
})

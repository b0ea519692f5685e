import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { shareTopic } from '../../src/topics/names.ts'

test('a share has one topic, whatever version its CID is written in', () => {
  const v0 = CID.parse('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')
  const expected = '/p2pshare/share/1/bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
  expect(shareTopic(v0)).toBe(expected)
  expect(shareTopic(v0.toV1())).toBe(expected)
})

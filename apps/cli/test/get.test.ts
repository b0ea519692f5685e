import { expect, test } from 'vitest'
import { checkSource } from '../src/commands/get.ts'

const CID = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

test.each([
  [`/ipfs/${CID}/a/b.txt`, `p2pshare get ${CID} --select a/b.txt`],
  [`ipfs://${CID}/a b/`, `p2pshare get ${CID} --select 'a b/'`],
  [` /ipfs/${CID}//x `, `p2pshare get ${CID} --select x`]
])('a path below a content id names the command that was meant: %s', (source, command) => {
  expect(() => checkSource(source)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', advice: command }))
})

test.each([CID, `/ipfs/${CID}`, `/ipfs/${CID}/`, `ipfs://${CID}`, 'p2pshare1abc', 'p2pshare://p2pshare1abc/', ''])(
  'a whole share is left to be read: %s',
  (source) => {
    expect(() => checkSource(source)).not.toThrow()
  }
)

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toGlobalOptions } from '../src/global-options.ts'
import { nameKeyPath, parseWanted } from '../src/name-keys.ts'

let home = ''

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'p2pshare-names-'))
})

afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

test('the key of a name is a file in the home', async () => {
  expect(await nameKeyPath(toGlobalOptions({ home }), 'holiday-2026')).toBe(join(home, 'names', 'holiday-2026.key'))
})

test.each(['', '../identity', '.hidden', 'a/b', 'k51qzi5uqu5dm0', '12D3KooWxyz', 'a'.repeat(64)])(
  '%j is not what a key can be called',
  async (label) => {
    await expect(nameKeyPath(toGlobalOptions({ home }), label)).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await expect(parseWanted(toGlobalOptions({ home }), label)).rejects.toMatchObject({ code: 'ERR_INVALID_NAME' })
  }
)

test('what somebody wants to resolve is a name of the network, or of this home', async () => {
  const options = toGlobalOptions({ home })
  const { loadOrCreateIdentity } = await import('@p2pshare/core')
  const own = peerIdFromPrivateKey(await loadOrCreateIdentity(await nameKeyPath(options, 'holiday')))
  expect(await parseWanted(options, 'holiday')).toEqual(own)
  expect(await parseWanted(options, own.toString())).toEqual(own)
  await expect(parseWanted(options, 'holidya')).rejects.toMatchObject({
    code: 'ERR_USAGE',
    message: "'holidya' is no name of this home"
  })
})

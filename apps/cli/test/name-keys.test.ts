import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toGlobalOptions } from '../src/global-options.ts'
import { nameKeyPath, nameOfLabel } from '../src/name-keys.ts'

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
    expect(await nameOfLabel(toGlobalOptions({ home }), label)).toBeUndefined()
  }
)

test('what has no key is a name of the network', async () => {
  expect(await nameOfLabel(toGlobalOptions({ home }), 'holiday')).toBeUndefined()
})

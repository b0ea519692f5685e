import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { loadSecret, saveSecret } from '../../src/private/secret-file.ts'
import { ShareSecret } from '../../src/private/secret.ts'
import { useTempDir } from '../store/temp-dir.ts'

const ROOT = CID.parse('bafybeia5qqwfkahprjvpdmsvwl3fm6hqosg4k5cwmbndskyz5nl3wknboq')
const OTHER = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
const tempDir = useTempDir()

async function kept(): Promise<{ path: string; secret: ShareSecret }> {
  const path = join(await tempDir(), 'a share', 'secret.key')
  const secret = ShareSecret.create()
  await saveSecret(path, ROOT, secret)
  return { path, secret }
}

test('a secret comes back from its file', async () => {
  const { path, secret } = await kept()
  expect((await loadSecret(path, ROOT)).equals(secret)).toBe(true)
  expect((await loadSecret(path, ROOT)).equals(ShareSecret.create())).toBe(false)
})

test.skipIf(process.platform === 'win32')('only its owner can read the file, or it is not used', async () => {
  const { path } = await kept()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(path, mode)
    await expect(loadSecret(path, ROOT)).rejects.toMatchObject({ code: 'ERR_SHARE_KEY', path })
  }
  await chmod(path, 0o400)
  await loadSecret(path, ROOT)
})

test('one that is gone, damaged, too long, or of another share is none, and no error has anything of it', async () => {
  const { path } = await kept()
  const text = await readFile(path, 'utf8')
  await expect(loadSecret(path, OTHER)).rejects.toMatchObject({ code: 'ERR_SHARE_KEY' })
  await expect(loadSecret(`${path}.gone`, ROOT)).rejects.toMatchObject({ code: 'ERR_SHARE_KEY' })
  await writeFile(path, text.slice(3))
  const error: unknown = await loadSecret(path, ROOT).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ERR_SHARE_KEY' })
  expect(inspect(error, { depth: 8 })).not.toContain(text.slice(10, 20))
  await writeFile(path, text.repeat(10))
  await expect(loadSecret(path, ROOT)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'EFBIG' })
})

import { execFileSync } from 'node:child_process'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAX_QUICK_BYTES, QUICK_LIMIT_MS, QUICK_PAUSE_MS, QuickReads } from '../../src/store/quick-read.ts'
import { tempDir } from '../import/support/temp.ts'

/** A file of `bytes` bytes in a directory of its own. */
async function file(bytes = 100): Promise<{ directory: string; place: string; content: Uint8Array }> {
  const directory = await tempDir()
  const content = Uint8Array.from({ length: bytes }, (_, index) => index & 0xff)
  await mkdir(join(directory, 'd'))
  await writeFile(join(directory, 'd', 'f'), content)
  return { directory, place: join(directory, 'd', 'f'), content }
}

describe.skipIf(process.platform !== 'linux')('QuickReads', () => {
  it('reads a piece of a file, and says what the file looks like', async () => {
    const { place, content } = await file()
    const buffer = new Uint8Array(10)
    expect(new QuickReads().read(place, buffer, 5)).toMatchObject({ size: 100 })
    expect(buffer).toEqual(content.subarray(5, 15))
  })

  it('reads MAX_QUICK_BYTES, and not one more', async () => {
    const { place } = await file(MAX_QUICK_BYTES + 1)
    const quick = new QuickReads()
    expect(quick.read(place, new Uint8Array(MAX_QUICK_BYTES), 0)).toBeDefined()
    expect(quick.read(place, new Uint8Array(MAX_QUICK_BYTES + 1), 0)).toBeUndefined()
  })

  it('says nothing about a file that is not there, is too short, or is something else', async () => {
    const { directory, place } = await file()
    const quick = new QuickReads()
    execFileSync('mkfifo', [join(directory, 'pipe')])
    for (const [path, bytes] of [
      [join(directory, 'none'), 1],
      [place, 101],
      [directory, 1],
      [join(directory, 'pipe'), 1]
    ] as const) {
      expect(quick.read(path, new Uint8Array(bytes), 0)).toBeUndefined()
    }
  })

  it('follows no link, to the file or on the way to it', async () => {
    const { directory, place } = await file()
    const quick = new QuickReads()
    await symlink(place, join(directory, 'link'))
    expect(quick.read(join(directory, 'link'), new Uint8Array(1), 0)).toBeUndefined()
    await rename(join(directory, 'd'), join(directory, 'elsewhere'))
    await symlink('elsewhere', join(directory, 'd'))
    expect(quick.read(place, new Uint8Array(1), 0)).toBeUndefined()
  })

  it('leaves a disk that lets it wait alone for QUICK_PAUSE_MS', async () => {
    const { place } = await file()
    const times = [0, QUICK_LIMIT_MS, 10, 10 + QUICK_LIMIT_MS + 1]
    let now = 0
    const quick = new QuickReads(() => times.shift() ?? now)
    const read = (): boolean => quick.read(place, new Uint8Array(1), 0) !== undefined
    expect([read(), read()]).toEqual([true, true])
    now = 10 + QUICK_LIMIT_MS + QUICK_PAUSE_MS
    expect(read()).toBe(false)
    now++
    expect(read()).toBe(true)
  })
})

import { constants } from 'node:fs'
import { seededRandom } from '@p2pshare/testkit'
import { describe, expect, test } from 'vitest'
import { memoryFs } from '../src/disk/memory-fs.ts'
import { Volume } from '../src/disk/volume.ts'
import type { Character } from '../src/disk/name-table.ts'

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL

function newDisk(character: Character) {
  const volume = new Volume(character)
  return { volume, ...memoryFs(volume, () => undefined) }
}

/** What is left of a file over many power cuts. */
async function fates(character: Character, prepare: (disk: ReturnType<typeof newDisk>) => Promise<void>) {
  const seen = new Set<string>()
  for (let seed = 0; seed < 60; seed++) {
    const disk = newDisk(character)
    await prepare(disk)
    disk.volume.cut(seededRandom(seed))
    const data = disk.volume.find('/file')?.data
    const bytes = Buffer.alloc(data?.size ?? 0)
    data?.read(bytes, 0)
    seen.add(data === undefined ? 'gone' : bytes.toString())
  }
  return seen
}

describe('a disk that loses power', () => {
  test('keeps what was synced, name and bytes', async () => {
    const seen = await fates('loose', async ({ fs }) => {
      const file = await fs.open('/file', CREATE)
      await file.write(Buffer.from('kept'), 0, 4, 0)
      await file.datasync()
      const directory = await fs.open('/', constants.O_RDONLY)
      await directory.sync()
    })
    expect(seen).toEqual(new Set(['kept']))
  })

  test('may lose the name of a file whose bytes were synced, unless it keeps a journal', async () => {
    const prepare = async ({ fs }: ReturnType<typeof newDisk>): Promise<void> => {
      const file = await fs.open('/file', CREATE)
      await file.write(Buffer.from('kept'), 0, 4, 0)
      await file.datasync()
    }
    expect(await fates('loose', prepare)).toEqual(new Set(['kept', 'gone']))
    expect(await fates('journalled', prepare)).toEqual(new Set(['kept']))
  })

  test('may keep any of several writes that were not synced, the size apart from the bytes', async () => {
    const seen = await fates('journalled', async ({ fs }) => {
      const file = await fs.open('/file', CREATE)
      await file.sync()
      await file.write(Buffer.from('a'), 0, 1, 0)
      await file.write(Buffer.from('b'), 0, 1, 0)
    })
    expect(seen).toEqual(new Set(['', '\0', 'a', 'b']))
  })

  test('does half a rename never', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const { fs, volume } = newDisk('loose')
      await fs.mkdir('/there')
      await fs.open('/file', CREATE)
      const root = await fs.open('/', constants.O_RDONLY)
      await root.sync()
      await fs.rename('/file', '/there/file')
      volume.cut(seededRandom(seed))
      const places = [volume.find('/file'), volume.find('/there/file')].filter((found) => found !== undefined)
      expect(places).toHaveLength(1)
    }
  })
})

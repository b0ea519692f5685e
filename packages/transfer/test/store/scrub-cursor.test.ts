import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadScrubCursor, saveScrubCursor } from '../../src/store/scrub-cursor.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

it('keeps how far a pass is, until it is over', async () => {
  const directory = await tempDir()
  expect(await loadScrubCursor(directory)).toBeUndefined()
  const cursor = { seed: 7, root: 'bafy', at: 128 }
  await saveScrubCursor(directory, cursor)
  expect(await loadScrubCursor(directory)).toEqual(cursor)
  await saveScrubCursor(directory, undefined)
  await saveScrubCursor(directory, undefined)
  expect(await loadScrubCursor(directory)).toBeUndefined()
})

it.each([
  '',
  'no JSON',
  '[]',
  '{"seed":-1,"root":"bafy","at":1}',
  '{"seed":1,"root":"bafy","at":0.5}',
  `"${'x'.repeat(600)}"`
])('begins anew after %j', async (text) => {
  const directory = await tempDir()
  await writeFile(join(directory, 'scrub.json'), text)
  expect(await loadScrubCursor(directory)).toBeUndefined()
})

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadScrubState, saveScrubState } from '../../src/store/scrub-state.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

it('keeps how far a pass is, and when the last one ended', async () => {
  const directory = await tempDir()
  expect(await loadScrubState(directory)).toEqual({})
  const cursor = { seed: 7, root: 'bafy', at: 128 }
  await saveScrubState(directory, { cursor })
  expect(await loadScrubState(directory)).toEqual({ cursor })
  await saveScrubState(directory, { since: 1_800_000_000_000 })
  expect(await loadScrubState(directory)).toEqual({ since: 1_800_000_000_000 })
  await saveScrubState(directory, {})
  await saveScrubState(directory, {})
  expect(await readdir(directory)).toEqual([])
})

it.each([
  '',
  'no JSON',
  '[]',
  'null',
  '{"since":-1}',
  '{"since":"yesterday"}',
  '{"cursor":{"seed":-1,"root":"bafy","at":1}}',
  '{"cursor":{"seed":1,"root":"bafy","at":0.5}}',
  `{"since":1,"x":"${'x'.repeat(600)}"}`
])('begins anew after %j', async (text) => {
  const directory = await tempDir()
  await writeFile(join(directory, 'scrub.json'), text)
  expect(await loadScrubState(directory)).toEqual({})
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noticesText, packageFolders, readNotice } from '../src/bundle-notices.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'p2pshare-notices-'))
})
afterAll(async () => rm(folder, { recursive: true }))

test('folders of packages are those of others, each once, nested ones too', () => {
  const modules = ['node_modules/@a/b/x.js', 'node_modules/@a/b/y/z.js', 'packages/core/dist/index.js']
  expect(packageFolders([...modules, 'node_modules/c/node_modules/d/e.js'])).toEqual([
    'node_modules/@a/b',
    'node_modules/c/node_modules/d'
  ])
})

test('a notice has the texts of all licence files, and none where there is none', async () => {
  await writeFile(join(folder, 'package.json'), '{"name":"x","version":"1.0.0","license":"MIT"}')
  expect(await readNotice(folder)).toEqual({ name: 'x', version: '1.0.0', licence: 'MIT', text: undefined })
  await writeFile(join(folder, 'LICENSE'), 'do as you like\n')
  await writeFile(join(folder, 'NOTICE'), 'by somebody\n')
  expect((await readNotice(folder)).text).toBe('do as you like\n\n\nby somebody')
})

test('a package without a licence must not be bundled', async () => {
  await writeFile(join(folder, 'package.json'), '{"name":"x"}')
  await expect(readNotice(folder)).rejects.toThrow('x names no licence')
})

test('the page says each text once, and the standard ones for those that ship none', async () => {
  const page = await noticesText([
    { name: 'a', version: '1', licence: 'MIT', text: 'TEXT' },
    { name: 'b', version: '2', licence: 'MIT', text: 'TEXT' },
    { name: 'c', version: '3', licence: 'Apache-2.0 OR MIT', text: undefined }
  ])
  expect(page).toContain('a 1 (MIT)\nb 2 (MIT)\n\nTEXT')
  expect(page).toContain('c 3 (Apache-2.0 OR MIT)')
  expect(page).toContain('Apache License')
})

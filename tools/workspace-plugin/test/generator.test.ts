import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing'
import type { Tree } from '@nx/devkit'
import { expect, test } from 'vitest'
import { packageGenerator } from '../src/package/generator.ts'

function workspace(): Tree {
  const tree = createTreeWithEmptyWorkspace()
  tree.delete('.oxfmtrc.json')
  for (const licence of ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) {
    tree.write(licence, licence)
  }
  tree.write(
    'packages/interface/package.json',
    JSON.stringify({ version: '4.5.6', dependencies: { '@libp2p/interface': '^3.3.0' } })
  )
  return tree
}

const text = (tree: Tree, file: string) => tree.read(file, 'utf8') ?? ''

test('writes a package with names, version and licences filled in', async () => {
  const tree = workspace()
  await packageGenerator(tree, { name: 'rate-book' })

  const manifest = JSON.parse(text(tree, 'packages/rate-book/package.json')) as Record<string, unknown>
  expect(manifest).toMatchObject({ name: '@p2pshare/rate-book', version: '4.5.6', nx: { tags: ['type:service'] } })
  expect(text(tree, 'packages/rate-book/src/index.ts')).toContain('export function rateBook(init: RateBookInit')
  expect(text(tree, 'packages/rate-book/LICENSE-MIT')).toBe('LICENSE-MIT')
  const files = tree.listChanges().map(({ path }) => path)
  expect(files.filter((file) => /__|\.template$/.test(file))).toEqual([])
})

test.each(['Rate', 'rate book', '../rate', ''])('refuses the name %j', async (name) => {
  await expect(packageGenerator(workspace(), { name })).rejects.toThrow('hyphens')
})

test('does not write over a package that is there', async () => {
  await expect(packageGenerator(workspace(), { name: 'interface' })).rejects.toThrow('exists')
})

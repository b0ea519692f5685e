import { expect, test } from 'vitest'
import { faultsOf } from '../src/manifest-rules.ts'
import type { Manifest, Project } from '../src/workspace.ts'

const project = (folder: string, tag: string, manifest: Partial<Manifest> = {}): Project => ({
  folder,
  typescript: false,
  manifest: { name: `@p2pshare/${folder}`, version: '0.1.0', private: true, nx: { tags: [tag] }, ...manifest }
})

const dht = project('dht', 'type:service')
const testkit = project('testkit', 'type:testkit')
const depending = (name: string): Partial<Manifest> => ({ dependencies: { [name]: '0.1.0' } })

test.each([
  ['a sibling', dht.manifest.name],
  ['the testkit', testkit.manifest.name]
])('a service may not depend on %s', (_, name) => {
  const nat = project('nat', 'type:service', depending(name))
  expect(faultsOf(nat, [nat, dht, testkit])).toHaveLength(1)
})

test('the testkit is welcome as a devDependency', () => {
  const nat = project('nat', 'type:service', { devDependencies: { [testkit.manifest.name]: '0.1.0' } })
  expect(faultsOf(nat, [nat, testkit])).toEqual([])
})

test('nobody depends on a tool', () => {
  const tool = project('tool', 'type:tool')
  const core = project('core', 'type:core', depending(tool.manifest.name))
  expect(faultsOf(core, [core, tool])).toHaveLength(1)
})

test('an install script and a missing tag are faults', () => {
  const bad = project('bad', 'type:service', { nx: { tags: [] }, scripts: { postinstall: 'x' } })
  expect(faultsOf(bad, [bad])).toHaveLength(2)
})

test('what is TypeScript is linted', () => {
  const core = { ...project('core', 'type:core'), typescript: true }
  expect(faultsOf(core, [core])).toEqual(['core/package.json: scripts lack lint'])
})

import { expect, test } from 'vitest'
import { importedPackages, sandbox } from '../src/sandbox.ts'
import type { Project } from '../src/workspace.ts'

const dht: Project = {
  folder: 'packages/dht',
  typescript: true,
  manifest: { name: '@p2pshare/dht', version: '0.1.0', devDependencies: { libp2p: '^3.3.11' } }
}

test('takes package names from every form of static import', () => {
  const code = [
    "import { dht } from '@p2pshare/dht'",
    "import type { CID } from 'multiformats/cid'",
    'import {',
    '  a,',
    '  b',
    "} from '@libp2p/tcp'",
    "import 'side-effect'",
    "import { join } from 'node:path'",
    "import { x } from './x.ts'"
  ].join('\n')
  expect(importedPackages(code)).toEqual(['@p2pshare/dht', 'multiformats', '@libp2p/tcp', 'side-effect'])
})

test('installs ours from tarballs and others in the range that the workspace uses', () => {
  const made = sandbox(['@p2pshare/dht', 'libp2p'], new Map([['@p2pshare/dht', '/t/dht.tgz']]), [dht])
  expect(made.dependencies).toEqual({ '@p2pshare/dht': 'file:/t/dht.tgz', libp2p: '^3.3.11' })
  expect(made.overrides).toEqual({ '@p2pshare/dht': 'file:/t/dht.tgz' })
})

test('refuses a package that nothing of ours depends on', () => {
  expect(() => sandbox(['left-pad'], new Map(), [dht])).toThrow('left-pad')
})

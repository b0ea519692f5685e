import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Launcher {
  isSupported(version: string): boolean
  findBundledNode(directory: string, exists: (path: string) => boolean): string | undefined
  oldNodeMessage(name: string, version: string): string
}

const BIN = new URL('../bin/', import.meta.url)
// plain JavaScript without types: it has to run where TypeScript's output would not
const { findBundledNode, isSupported, oldNodeMessage } = (await import(new URL('launcher.js', BIN).href)) as Launcher

test.each([
  ['22.12.0', true],
  ['22.11.9', false],
  ['22.100.0', true],
  ['24.0.0', true],
  ['100.1.0', true],
  ['20.20.2', false],
  ['9.99.0', false]
])('Node %s is new enough: %s', (version, expected) => {
  expect(isSupported(version)).toBe(expected)
})

test('the nearest bundled Node above is taken', () => {
  const exists = (path: string): boolean => path === join('/repo', 'node_modules', '.bin', 'node')
  expect(findBundledNode('/repo/apps/cli/bin', exists)).toBe('/repo/node_modules/.bin/node')
  expect(findBundledNode('/elsewhere/bin', exists)).toBeUndefined()
})

test('somebody with an old Node is told what to do', () => {
  const message = oldNodeMessage('p2pshare', '18.0.0')
  expect(message).toContain('needs Node.js 22.12 or newer; this is 18.0.0')
  expect(message).toContain('try: install')
})

test('without a build it says how to make one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-cli-'))
  try {
    await cp(BIN, join(directory, 'bin'), { recursive: true })
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    let failure: unknown
    try {
      execFileSync(process.execPath, [join(directory, 'bin', 'p2pshare.js')], { encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('npm run build') as string })
  } finally {
    await rm(directory, { recursive: true })
  }
})

import { execFileSync, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Launcher {
  isSupported(version: string): boolean
  findBundledNode(directory: string, exists: (path: string) => boolean): string | undefined
  oldNodeMessage(name: string, version: string): string
  codeDirectory(platform: string, env: Record<string, string | undefined>, home: string): string
}

const BIN = new URL('../bin/', import.meta.url)
// plain JavaScript without types: it has to run where TypeScript's output would not
const { codeDirectory, findBundledNode, isSupported, oldNodeMessage } = (await import(
  new URL('launcher.js', BIN).href
)) as Launcher

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

test.each([
  ['linux', {}, '/home/ann/.cache/p2pshare/code'],
  ['linux', { XDG_CACHE_HOME: '/var/cache/ann' }, '/var/cache/ann/p2pshare/code'],
  ['linux', { XDG_CACHE_HOME: 'not/absolute' }, '/home/ann/.cache/p2pshare/code'],
  ['darwin', {}, '/home/ann/Library/Caches/p2pshare/code'],
  ['win32', {}, '/home/ann/AppData/Local/p2pshare/Cache/code'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/p2pshare/Cache/code']
])('compiled code is kept where only this user writes: %s %j', (platform, env, expected) => {
  expect(codeDirectory(platform, env, '/home/ann')).toBe(expected)
})

async function withBin(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-cli-'))
  try {
    await cp(BIN, join(directory, 'bin'), { recursive: true })
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    await run(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const program = (directory: string, env: Record<string, string> = {}): string =>
  execFileSync(process.execPath, [join(directory, 'bin', 'p2pshare.js')], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], ...env }
  })

test('the bundle is run when there is one, and its compiled code is kept', async () =>
  withBin(async (directory) => {
    await mkdir(join(directory, 'dist', 'bundle'), { recursive: true })
    await writeFile(join(directory, 'dist', 'main.js'), "console.log('modules')")
    expect(program(directory, { XDG_CACHE_HOME: directory })).toBe('modules\n')
    await writeFile(join(directory, 'dist', 'bundle', 'main.js'), "console.log('bundle')")
    expect(program(directory, { XDG_CACHE_HOME: directory })).toBe('bundle\n')
    if (process.platform === 'linux') {
      expect(await readdir(join(directory, 'p2pshare', 'code'))).toHaveLength(1)
    }
  }))

test('where nothing can be kept it runs all the same, and says nothing', async () =>
  withBin(async (directory) => {
    await mkdir(join(directory, 'dist'))
    await writeFile(join(directory, 'dist', 'main.js'), "console.log('ran')")
    await writeFile(join(directory, 'file'), '')
    const { stdout, stderr } = spawnSync(process.execPath, [join(directory, 'bin', 'p2pshare.js')], {
      encoding: 'utf8',
      env: { XDG_CACHE_HOME: join(directory, 'file'), HOME: join(directory, 'file') }
    })
    expect([stdout, stderr]).toEqual(['ran\n', ''])
  }))

test('without a build it says how to make one', async () =>
  withBin(async (directory) => {
    let failure: unknown
    try {
      program(directory)
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('npm run build') as string })
  }))

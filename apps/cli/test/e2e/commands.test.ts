import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/exit-codes.ts'
import { events, sameBytes, useWorld } from './harness.ts'

const world = useWorld()
const BIN = new URL('../../bin/p2pshare.js', import.meta.url).pathname

/** Published CIDs: `ipfs add` of "hello world\n", and of an empty directory, for both profiles. */
const HELLO = {
  'unixfs-v1-2025': 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4',
  'unixfs-v0-2015': 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'
}
const EMPTY_DIRECTORY = {
  'unixfs-v1-2025': 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
  'unixfs-v0-2015': 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'
}

test.each(['unixfs-v1-2025', 'unixfs-v0-2015'] as const)('id prints what Kubo prints, for %s', async (profile) => {
  await writeFile(join(world.directory, 'hello'), 'hello world\n')
  await mkdir(join(world.directory, 'empty'))
  const id = await world.run('home', ['id', 'hello', 'empty', '--profile', profile])
  expect(id).toMatchObject({ code: 0, stderr: '', stdout: `${HELLO[profile]}\n${EMPTY_DIRECTORY[profile]}\n` })
})

test('share --json is one line, with the content id that id prints', async () => {
  const path = await world.randomFile('f', 3_000_000)
  const id = await world.run('home', ['id', path, '--json'])
  const sharing = world.start('sharer', ['share', path, '--json'])
  await sharing.line()
  sharing.kill('SIGINT')
  const shared = await sharing.done
  expect(shared).toMatchObject({ code: 130, stderr: '' })
  expect(events(shared)).toEqual([
    {
      v: 1,
      type: 'share.ready',
      cid: (events(id)[0] as { cid: string }).cid,
      ticket: expect.stringMatching(/^p2pshare1/) as string,
      link: expect.stringMatching(/^p2pshare:p2pshare1/) as string,
      peerId: expect.any(String) as string,
      addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//) as string],
      name: 'f',
      kind: 'file',
      bytes: 3_000_000,
      files: 1
    }
  ])
})

test('hidden entries are left out unless asked for', async () => {
  const tree = join(world.directory, 'tree')
  await mkdir(tree)
  await writeFile(join(tree, '.hidden'), 'x')
  const [without, withHidden] = await Promise.all([
    world.run('home', ['id', tree]),
    world.run('home', ['id', tree, '--hidden'])
  ])
  expect(without.stdout).toBe(`${EMPTY_DIRECTORY['unixfs-v1-2025']}\n`)
  expect(withHidden.stdout).not.toBe(without.stdout)
})

test('help tells exit codes and variables, and each command has its own', async () => {
  const help = await world.run('home', ['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const { code, meaning } of Object.values(EXIT_CODES)) {
    expect(help.stdout).toContain(`${code}  ${meaning}`)
  }
  for (const command of ['share', 'get', 'id', 'peers', 'find', 'daemon']) {
    expect(help.stdout).toContain(`  ${command} `)
  }
  expect((await world.run('home', ['get', '--help'])).stdout).toMatch(/--select <glob\.\.\.>[^]*P2PSHARE_HOME/)
})

/** What the sources make events of. */
async function eventTypes(): Promise<string[]> {
  const folder = new URL('../../src/', import.meta.url)
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const sources = await Promise.all(files.map(async (name) => readFile(new URL(name, folder), 'utf8')))
  const types = sources.flatMap((source) =>
    [...source.matchAll(/cliEvent\(\s*'([a-z.]+)'/gu)].map(([, type = '']) => type)
  )
  return [...new Set(types)]
}

test('the README has the same exit codes, commands and events', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  for (const { code, meaning } of Object.values(EXIT_CODES)) {
    expect(readme).toContain(`| ${code} | ${meaning} |`)
  }
  const help = (await world.run('home', ['--help'])).stdout
  const commands = [...help.matchAll(/^ {2}([a-z]+) (?:\[|<| )/gmu)].flatMap(([, name = '']) => name)
  expect(commands).toContain('doctor')
  for (const command of commands.filter((name) => name !== 'help' && name !== 'p2pshare')) {
    expect(readme).toMatch(new RegExp(`^\\| \`${command}[ \`]`, 'm'))
  }
  for (const type of await eventTypes()) {
    expect(readme).toContain(`| \`${type}\` |`)
  }
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await world.run('home', ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('a reader that goes away early does no harm', async () => {
  const script = `"${process.execPath}" "${BIN}" --help | head -1`
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script])
  expect({ lines: stdout.split('\n').length, stderr }).toEqual({ lines: 2, stderr: '' })
})

test('what was stopped stays stopped: the next process of the same home does not go on with it', async () => {
  const [first, second] = [await world.randomFile('first', 1000), await world.randomFile('second', 1000)]
  const sharing = world.start('home', ['share', first])
  const ticket = await sharing.line()
  sharing.kill('SIGINT')
  await sharing.done
  const other = world.start('home', ['share', second, '--json'])
  const { addresses } = JSON.parse(await other.line()) as { addresses: string[] }
  const args = ['get', ticket, '-o', 'in', '--timeout', '1s', '--bootstrap', addresses[0] ?? '']
  expect((await world.run('getter', args)).code).not.toBe(0)
})

test('a second process may use the same home', async () => {
  const path = await world.randomFile('f', 1000)
  const sharing = world.start('home', ['share', path])
  const ticket = await sharing.line()
  const got = await world.run('home', ['get', ticket, '-o', 'in'])
  expect(got).toMatchObject({ code: 0 })
  expect(await sameBytes(join(world.directory, 'in', 'f'), path)).toBe(true)
})

test('Ctrl-C while it looks for somebody ends it, with the command to go on', async () => {
  const args = ['get', 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', '--name', 'my file']
  const getting = world.start('home', args)
  await getting.says(/looking for somebody/)
  getting.kill('SIGINT')
  const stopped = await getting.done
  expect(stopped).toMatchObject({ code: 130, stdout: '' })
  expect(stopped.stderr).toContain(
    `interrupted. To go on where it stopped:\n\n  p2pshare get ${args[1]} --name 'my file'\n`
  )
})

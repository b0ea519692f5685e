import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { sameBytes, useWorld } from './harness.ts'

const BIN = fileURLToPath(new URL('../../bin/p2pshare.js', import.meta.url))
const MIB = 1024 * 1024
/** Several processes start for each test, on a machine that may be busy with other things. */
const LONG_MS = 300_000
const world = useWorld('file')

/** Text, since what a process writes is read as text here; each line says where it is. */
const text = Array.from({ length: (5 * MIB) / 16 + 5 }, (_, at) => `line ${String(at).padStart(10, '0')}\n`).join('')
let ticket = ''

beforeAll(async () => {
  const tree = join(world.directory, 'tree')
  await mkdir(join(tree, 'sub'), { recursive: true })
  await writeFile(join(tree, 'sub/long.txt'), text)
  await writeFile(join(tree, 'notes.txt'), 'notes\n')
  await writeFile(join(tree, 'readme.md'), '# read me\n')
  ticket = await world.start('sharer', ['share', tree]).line()
}, LONG_MS)

describe('cat', { timeout: LONG_MS }, () => {
  test('writes a file and nothing else, and nothing is kept', async () => {
    const { code, stdout } = await world.run('getter', ['cat', ticket, 'sub/long.txt'])
    expect(code).toBe(0)
    expect(stdout === text).toBe(true)
    expect(await readdir(join(world.directory, 'getter/shares/reads'))).toEqual([])
  })

  test('writes a part of it', async () => {
    const [offset, length] = [3 * MIB - 5, MIB + 10]
    const range = ['--offset', String(offset), '--length', String(length)]
    const { code, stdout } = await world.run('getter', ['cat', ticket, 'sub/long.txt', ...range])
    expect(code).toBe(0)
    expect(stdout === text.slice(offset, offset + length)).toBe(true)
  })

  test('ends quietly when its reader has seen enough', async () => {
    const cat = `"${process.execPath}" "${BIN}" cat "${ticket}" sub/long.txt`
    const script = `${cat} | head -c 100; echo "\${PIPESTATUS[0]}" >&2`
    const env = { ...process.env, P2PSHARE_HOME: join(world.directory, 'getter'), P2PSHARE_NO_MDNS: '1' }
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env })
    expect(stdout).toBe(text.slice(0, 100))
    expect(stderr).toBe('141\n')
  })

  test('says what cannot be read, on stderr alone', async () => {
    const missing = await world.run('getter', ['cat', ticket, 'no.txt'])
    expect(missing).toMatchObject({ code: 3, stdout: '' })
    expect(missing.stderr).toContain('ERR_PATH_NOT_FOUND')
  })

  test.each([[['--offset', '-1']], [['--length', '1.5']], [['--json']]])(
    'refuses %j before anything starts',
    async (args) => {
      expect(await world.run('getter', ['cat', ticket, 'notes.txt', ...args])).toMatchObject({ code: 2 })
    }
  )
})

test(
  'get fetches in order, what has a priority first, and leaves out what is skipped',
  async () => {
    const output = join(world.directory, 'in')
    const args = ['--sequential', '--priority', '*.txt=high', '--priority', 'notes.txt=skip', '-o', output]
    const got = await world.run('getter', ['get', ticket, ...args])
    expect(got).toMatchObject({ code: 0, stdout: `${join(output, 'tree')}\n` })
    expect((await readdir(join(output, 'tree'))).sort()).toEqual(['readme.md', 'sub'])
    expect(await sameBytes(join(output, 'tree/sub/long.txt'), join(world.directory, 'tree/sub/long.txt'))).toBe(true)
  },
  LONG_MS
)

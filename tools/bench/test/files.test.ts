import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mustBeEqual } from '../src/harness/files.ts'

test.each([
  ['another byte', 'abd'],
  ['a byte less', 'ab'],
  ['a byte more', 'abcd'],
  ['nothing', '']
])('a copy with %s is found out', async (_, copy) => {
  const [a, b] = await twoFiles('abc', copy)
  await expect(mustBeEqual(a, b, 'peer')).rejects.toThrow('peer: the copy differs')
})

test('a true copy passes', async () => {
  const [a, b] = await twoFiles('abc', 'abc')
  await expect(mustBeEqual(a, b, 'peer')).resolves.toBeUndefined()
})

async function twoFiles(a: string, b: string): Promise<[string, string]> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-test-'))
  onTestFinished(async () => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'a'), a)
  await writeFile(join(directory, 'b'), b)
  return [join(directory, 'a'), join(directory, 'b')]
}

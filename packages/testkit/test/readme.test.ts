import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/^```ts\n([^`]*(?:`[^`]+`[^`]*)*?)^```\n\n```text output\n([^`]*)^```$/gm)]

test('the README has programs with their output', () => {
  expect(programs).toHaveLength(2)
})

test.each(programs.map(([, code = '', output = '']) => [output.split('\n')[0], code, output]))(
  'the program that prints "%s" prints what the README says',
  (_, code, output) => {
    const { NODE_OPTIONS: __, ...env } = process.env
    const flags = ['--conditions=@p2pshare/source', '--input-type=module-typescript']
    const { stdout, stderr, status } = spawnSync(process.execPath, flags, {
      cwd: root,
      input: code,
      encoding: 'utf8',
      env
    })
    expect({ stdout, stderr, status }).toEqual({ stdout: output, stderr: '', status: 0 })
  }
)

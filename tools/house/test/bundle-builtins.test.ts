import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { asModule, builtinsAsNeeded } from '../src/bundle-builtins.ts'

async function bundled(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'js', resolveDir: import.meta.dirname },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    plugins: [builtinsAsNeeded]
  })
  return outputFiles.map(({ text }) => text).join('')
}

test("imports of Node's own modules become reads of what is used", async () => {
  const text = await bundled("import { join } from 'node:path'; import os from 'os'; console.log(join('a'), os.EOL)")
  expect(text).not.toContain('import ')
  expect(text).toContain('getBuiltinModule("path")')
  expect(text).toContain('getBuiltinModule("os")')
  expect(text).not.toContain('isAbsolute')
})

test('require() gets the module itself', async () => {
  const text = await bundled("console.log(require('node:events').once)")
  expect(text).toContain('module.exports = process.getBuiltinModule("events")')
})

test('what is imported dynamically stays as it is', async () => {
  expect(await bundled("await import('node:child_process')")).toContain('import("node:child_process")')
})

test('a module has the names that import has', async () => {
  const names = Object.keys((await import('node:fs')) as object).filter((name) => name !== 'default')
  for (const name of names.filter((one) => one !== 'module.exports')) {
    expect(asModule('fs')).toContain(`as ${JSON.stringify(name)}`)
  }
})

#!/usr/bin/env node
// Generate wire/messages.ts from wire/messages.proto. The output of protons does not type-check under
// exactOptionalPropertyTypes, so type checks inside the generated file are switched off; its types are used as they are.
// The result goes through prettier, so that formatting a package changes nothing in it.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { harden } from './harden.mjs'

const style = await resolveConfig(join(import.meta.dirname, 'generate.mjs'))

for (const proto of process.argv.slice(2)) {
  execFileSync('protons', [proto], { stdio: 'inherit', shell: process.platform === 'win32' })
  const output = proto.replace(/\.proto$/, '.ts')
  const code = `// @ts-nocheck generated from ${basename(proto)} by "npm run generate"\n${harden(readFileSync(output, 'utf8'))}`
  writeFileSync(output, await format(code, { ...style, parser: 'typescript' }))
}

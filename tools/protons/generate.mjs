#!/usr/bin/env node
// Generate wire/messages.ts from wire/messages.proto. The output of protons does not type-check under
// exactOptionalPropertyTypes, so type checks inside the generated file are switched off; its types are used as they are.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

for (const proto of process.argv.slice(2)) {
  execFileSync('protons', [proto], { stdio: 'inherit', shell: process.platform === 'win32' })
  const output = proto.replace(/\.proto$/, '.ts')
  writeFileSync(
    output,
    `// @ts-nocheck generated from ${proto.split('/').at(-1)} by "npm run generate"\n${readFileSync(output, 'utf8')}`
  )
}

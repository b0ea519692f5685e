#!/usr/bin/env node
import { fileURLToPath } from 'url'
import { launch } from './launcher.js'

launch({
  name: 'p2pshare-node-server',
  script: fileURLToPath(import.meta.url),
  // few files that start fast; the compiled modules one by one where somebody ran only the compiler
  entries: ['../dist/bundle/main.js', '../dist/main.js'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
})

#!/usr/bin/env node
import { fileURLToPath } from 'url'
import { launch } from './launcher.js'

launch({
  name: 'p2pshare-node-server',
  script: fileURLToPath(import.meta.url),
  entry: fileURLToPath(new URL('../dist/main.js', import.meta.url))
})

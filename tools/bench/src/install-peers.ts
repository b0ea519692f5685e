// npm run bench:peers [-- --apt]: installs the peers that are no part of the workspace, and says what is missing.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { outside, PEERS } from './harness/peers.ts'

const OUTSIDE = ['webtorrent', 'helia']
const DEBIAN = ['aria2', 'python3-libtorrent']

const { values } = parseArgs({ options: { apt: { type: 'boolean', default: false } } })
for (const name of OUTSIDE) {
  // what they need as binaries comes as packages: nothing has to run
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--workspaces=false'], outside(name))
}
if (values.apt) {
  run('apt-get', ['install', '-y', '--no-install-recommends', ...DEBIAN], outside('.'))
}
for (const { name, version, install } of Object.values(PEERS)) {
  console.log(`${name.padEnd(12)} ${version() ?? `missing: ${install}`}`)
}

function run(program: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    process.exitCode = 1
  }
}

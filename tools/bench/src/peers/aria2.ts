// aria2c: plaintext BitTorrent over TCP, peers by the tracker of the harness, no DHT, no local discovery.
import { spawn } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Job } from '../harness/job.ts'
import { done, go, job, others, ready } from './stage.ts'

const { role, path, state, torrent, uploadBytesPerSecond } = job() as Job

if (role === 'seed') {
  await aria2(['--bt-seed-unverified=true', '--check-integrity=false'])
  ready('') // the harness waits until the tracker has heard of it
} else {
  ready('')
  await others()
  process.once('SIGUSR2', () => done())
  go() // aria2 cannot be started before: this is the time of the whole process
  await aria2([`--on-bt-download-complete=${await completionHook()}`])
}

async function aria2(options: readonly string[]): Promise<void> {
  const limit = uploadBytesPerSecond === undefined ? [] : [`--max-overall-upload-limit=${uploadBytesPerSecond}`]
  const child = spawn(
    'aria2c',
    [
      '--no-conf',
      '--quiet',
      `--dir=${dirname(path)}`,
      `--listen-port=${await freePort()}`,
      `--stop-with-process=${process.pid}`,
      '--interface=127.0.0.1',
      '--disable-ipv6=true',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--enable-peer-exchange=true',
      '--bt-max-peers=55',
      '--bt-tracker-interval=2',
      '--file-allocation=none',
      '--seed-ratio=0.0',
      ...limit,
      ...options,
      torrent
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] }
  )
  child.once('exit', (code) => process.exit(code ?? 1))
  process.once('exit', () => child.kill('SIGKILL'))
  console.log(`PID ${child.pid ?? 0}`)
}

/** aria2 says by a program of one's own that a download is complete; polling it would cost it time. */
async function completionHook(): Promise<string> {
  const hook = join(state, 'complete')
  await writeFile(hook, `#!/bin/sh\nkill -USR2 ${process.pid}\n`)
  await chmod(hook, 0o755)
  return hook
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

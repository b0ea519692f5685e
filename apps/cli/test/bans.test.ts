import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCli } from '../src/cli.ts'
import { capture } from './helpers.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

async function homeDirectory(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'p2pshare-bans-'))
  onTestFinished(async () => rm(home, { recursive: true }))
  return home
}

async function bans(home: string, isTTY: boolean, ...words: string[]): Promise<string> {
  const [stdout, stderr] = [capture({ isTTY }), capture()]
  const argv = ['--home', home, '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', 'bans', ...words]
  const exit = await runCli({
    ...{ argv, env: {}, stdout, stderr, version: '0.0.0', execPath: process.execPath },
    signal: new AbortController().signal,
    now: () => performance.now()
  })
  expect(exit, stderr.text).toBe(0)
  return stdout.text
}

test('a ban has its fields apart by tabs for a program and by spaces for a person', async () => {
  const home = await homeDirectory()
  expect(await bans(home, true, 'add', PEER)).toMatch(new RegExp(`^${PEER}  user  \\S+Z  -  0\\n$`))
  expect(await bans(home, false, 'list')).toMatch(new RegExp(`^${PEER}\\tuser\\t\\S+Z\\t-\\t0\\n$`))
})

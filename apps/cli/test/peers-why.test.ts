import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { P2PShareNode } from '@p2pshare/core'
import { afterEach, expect, test } from 'vitest'
import { runCli } from '../src/cli.ts'
import { capture } from './helpers.ts'
import type { Captured } from './helpers.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const UNKNOWN = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const ends: Array<() => Promise<unknown>> = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end()
  }
})

async function other(): Promise<P2PShareNode> {
  const { createNode } = await import('@p2pshare/core')
  const node = await createNode({ listen: [LOOPBACK], mdns: false })
  ends.push(async () => node.stop())
  return node
}

async function why(...words: string[]): Promise<{ exit: number; stdout: Captured; stderr: Captured }> {
  const home = await mkdtemp(join(tmpdir(), 'p2pshare-why-'))
  ends.push(async () => rm(home, { recursive: true }))
  const [stdout, stderr] = [capture(), capture()]
  const argv = ['--home', home, '--listen', LOOPBACK, '--no-mdns', 'peers', 'why', ...words]
  const exit = await runCli({
    ...{ argv, env: {}, stdout, stderr, version: '0.0.0', execPath: process.execPath },
    signal: new AbortController().signal,
    now: () => performance.now()
  })
  return { exit, stdout, stderr }
}

test('a peer that can be dialled is told to be direct', async () => {
  const node = await other()
  const { exit, stdout } = await why(node.addresses()[0] ?? '')
  expect(stdout.text).toMatch(new RegExp(`${node.peerId.toString()}\\n {2}direct, round trip [\\d.]+ ms`))
  expect(exit).toBe(0)
})

test('as JSON it is one event', async () => {
  const node = await other()
  const { stdout, stderr } = await why(node.addresses()[0] ?? '', '--json')
  expect(JSON.parse(stdout.text)).toMatchObject({ type: 'peer.why', path: { kind: 'direct' } })
  expect(stderr.text).toBe('')
})

test('a peer that is not there ends with the reason, and the exit code for the network', async () => {
  const { exit, stdout, stderr } = await why(`/ip4/127.0.0.1/tcp/1/p2p/${UNKNOWN}`, '--timeout', '1s')
  expect(exit).toBe(5)
  expect(stdout.text).toContain('not connected')
  expect(stderr.text).toContain(`cannot reach ${UNKNOWN}: nothing listens there, or a firewall refuses\n`)
})

test('an address that nothing here can dial is not said to be silent', async () => {
  const { exit, stderr } = await why(`/ip4/127.0.0.1/udp/1/quic-v1/p2p/${UNKNOWN}`, '--timeout', '300ms')
  expect(exit).toBe(5)
  expect(stderr.text).toContain('no valid addresses')
})

test('what is no peer is wrong usage, before anything starts', async () => {
  const { exit, stderr } = await why('ann')
  expect(exit).toBe(2)
  expect(stderr.text).toContain('neither a peer id nor a multiaddr')
})

test('peers without more still lists, and its help names why', async () => {
  const stdout = capture()
  await runCli({
    ...{ argv: ['peers', '--help'], env: {}, stdout, stderr: capture(), version: '0.0.0', execPath: process.execPath },
    signal: new AbortController().signal,
    now: () => performance.now()
  })
  expect(stdout.text).toContain('why')
})

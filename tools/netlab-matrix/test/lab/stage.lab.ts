import { afterAll, beforeAll, expect, test } from 'vitest'
import { runNodes } from '../../src/run/node-run.ts'
import { Stage } from '../../src/run/stage.ts'

const PAIR = { a: 'port-restricted', b: 'full-cone' } as const

let stage: Stage

beforeAll(async () => {
  stage = await Stage.build([PAIR], { name: 'stage-test' })
})

afterAll(async () => stage[Symbol.asyncDispose]())

/** Ports of UDP sockets of the host on the LAN that a router knows: of flows, and of what it learned to let others in. */
async function portsKnownTo(router: string): Promise<string[]> {
  const host = stage.lab.host(router)
  const flows = await host.exec('conntrack', ['-L', '-p', 'udp'])
  const rules = await host.exec('nft', ['list', 'table', 'ip', 'netlab'])
  const ports = [
    ...flows.stdout.matchAll(/src=192\.168\.\d+\.2 dst=\S+ sport=(\d+)/g),
    ...rules.stdout.matchAll(/: 192\.168\.\S+ \. (\d+)/g)
  ]
  return ports.map(([, port = '']) => port)
}

test('a run has nodes that nobody has met, and routers that know nothing of the one before', async () => {
  const ids = new Set<string>()
  const before = new Set<string>()
  for (const _ of [1, 2]) {
    await using run = await stage.begin(PAIR)
    ids.add(run.a.id).add(run.b.id)
    const known = (await Promise.all(['a-router', 'b-router'].map(portsKnownTo))).flat()
    expect(known.length).toBeGreaterThan(0)
    expect(known.filter((port) => before.has(port))).toEqual([])
    known.forEach((port) => before.add(port))
  }
  expect(ids.size).toBe(4)
})

test('every run in the same processes ends as the first', async () => {
  const results = [await runNodes(stage, PAIR), await runNodes(stage, PAIR), await runNodes(stage, PAIR)]
  expect(results.map(({ connected, path }) => [connected, path])).toEqual(Array(3).fill([true, 'direct']))
})

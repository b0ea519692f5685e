import { expect, test } from 'vitest'
import { buildLab } from '../../src/index.ts'
import type { Lab, LabOptions } from '../../src/index.ts'
import { Agent } from './agent.ts'

const PORT = 4000

/** Round trips between a (public) and b (public) as a sees them, in milliseconds. */
async function roundTrips(lab: Lab, count: number): Promise<number[]> {
  await Agent.on(lab.hosts.b, { port: PORT, echo: true })
  const code = `
    const socket = require('node:dgram').createSocket('udp4')
    const times = []
    const ask = () => socket.send(String(performance.now()), ${PORT}, '${lab.hosts.b.addresses[0] ?? ''}')
    socket.on('message', (data) => {
      times.push(performance.now() - Number(data))
      if (times.length < ${count}) return ask()
      console.log(JSON.stringify(times))
      socket.close()
    })
    ask()`
  return JSON.parse((await lab.hosts.a.exec(process.execPath, ['-e', code])).stdout) as number[]
}

const build = async (options: LabOptions) =>
  await buildLab({ name: 'test-links', a: 'public', b: 'public', ...options })

async function burst(lab: Lab, count: number, bytes: number): Promise<void> {
  const agent = await Agent.on(lab.hosts.a)
  for (let sent = 0; sent < count; sent++) {
    agent.send('x'.repeat(bytes), lab.hosts.relay.addresses[0] ?? '', PORT)
  }
  // counters tell when all have passed the switch; the time that takes is no matter
  await expect.poll(async () => (await lab.counters()).get('a')?.in, { timeout: 30_000 }).toBe(count)
}

test('no packet is faster than the links allow, and on time where the machine lets it', async () => {
  await using lab = await build({})
  const times = await roundTrips(lab, 20)
  expect(times.every((ms) => ms > 79.5)).toBe(true)
  // a busy machine adds to most; not to the best of twenty
  expect(Math.min(...times)).toBeLessThan(110)
})

test('a link can be changed under what runs', async () => {
  await using lab = await build({ delays: { a: 1, b: 1 } })
  await lab.setLink('a', { delayMs: 60 })
  expect(lab.link('a')).toMatchObject({ delayMs: 60, lossPercent: 0 })
  expect((await roundTrips(lab, 3)).every((ms) => ms > 121.5)).toBe(true)
})

test('jitter adds, and never takes away', async () => {
  await using lab = await build({ delays: { a: 5, b: 5 }, jitterMs: 20 })
  const times = await roundTrips(lab, 20)
  expect(times.every((ms) => ms > 19.5)).toBe(true)
  expect(Math.max(...times)).toBeGreaterThan(30)
})

test('of 1000 packets about as many get lost as were asked for, and the same ones each time', async () => {
  const lost: number[] = []
  for (let run = 0; run < 2; run++) {
    await using lab = await build({ links: { a: { lossPercent: 20 } }, seed: 42 })
    await burst(lab, 1000, 100)
    lost.push((await lab.counters()).get('a')?.lost ?? 0)
  }
  // five standard deviations to both sides
  expect(lost[0]).toBeGreaterThan(200 - 64)
  expect(lost[0]).toBeLessThan(200 + 64)
  expect(lost[1]).toBe(lost[0])
})

test('a slow link keeps 200 ms of packets and drops the rest', async () => {
  await using lab = await build({ links: { a: { rateMbit: 0.1 } } })
  // 200 ms at 100 kbit/s are two of these; the burst alone would take 20 s
  await burst(lab, 200, 1200)
  expect((await lab.counters()).get('a')?.overflowed).toBeGreaterThan(100)
})

test('a packet above the MTU of the link vanishes', async () => {
  await using lab = await build({ links: { relay: { mtuBytes: 1280 } } })
  await burst(lab, 3, 1280 - 28)
  expect((await lab.counters()).get('a')).toMatchObject({ in: 3, oversized: 0 })
  const agent = await Agent.on(lab.hosts.a)
  agent.send('x'.repeat(1280 - 27), lab.hosts.relay.addresses[0] ?? '', PORT)
  await expect.poll(async () => (await lab.counters()).get('a')?.oversized, { timeout: 30_000 }).toBe(1)
})

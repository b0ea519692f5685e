import { defaultLogger } from '@libp2p/logger'
import type { DatagramSocket } from '@p2pshare/interface'
import { afterEach, expect, test } from 'vitest'
import { MAX_STUN_HOSTS } from '../../src/prober/constants.ts'
import { StunHosts } from '../../src/prober/stun-hosts.ts'
import { StunClient } from '../../src/stun/client.ts'
import { bindDgram } from '../../src/stun/dgram-socket.ts'
import type { BindOptions } from '../../src/stun/dgram-socket.ts'
import { RateLimiter } from '../../src/stun/rate-limiter.ts'

const stops: (() => void)[] = []
const { signal } = new AbortController()

afterEach(() => {
  stops.splice(0).forEach((stop) => stop())
})

async function bind(family: 4 | 6, options: BindOptions): Promise<DatagramSocket> {
  const socket = await bindDgram(family, options)
  stops.push(() => socket.close())
  return socket
}

function hosts(otherHosts: readonly string[] = [], limiter = new RateLimiter(performance.now())): StunHosts {
  const all = new StunHosts({
    family: 4,
    bind,
    options: { limiter },
    otherPort: 0,
    otherHosts,
    log: defaultLogger().forComponent('test')
  })
  stops.push(() => all.stop())
  return all
}

/** Sockets at the same port of each of these hosts. */
async function listening(...names: string[]): Promise<DatagramSocket[]> {
  const [first, ...more] = names
  const primary = await bind(4, { host: first! })
  const { port } = primary.local
  return [primary, ...(await Promise.all(more.map(async (host) => bind(4, { host, port }))))]
}

test('each host that is listened on answers at both ports, also those that come later', async () => {
  const sockets = await listening('127.7.0.1', '127.7.0.2', '127.7.0.3', '127.7.0.4')
  const all = hosts()
  await all.serve(sockets.slice(0, 3))
  await all.serve(sockets)
  const [{ port, otherPort } = {}] = all.endpoints
  const client = new StunClient(await bind(4, { host: '127.0.0.1' }))
  for (const { local } of sockets) {
    for (const at of [port!, otherPort!]) {
      const { message } = await client.ask({ host: local.host, port: at }, { signal })
      expect(message.mapped).toEqual(client.socket.local)
    }
  }
  expect(all.stats).toEqual({ answered: 8, dropped: 0 })
})

test('two of them answer for each other', async () => {
  const sockets = await listening('127.7.0.1', '127.7.0.2')
  const all = hosts()
  await all.serve(sockets)
  expect(all.endpoints).toMatchObject([{ otherHost: '127.7.0.2' }])
  const client = new StunClient(await bind(4, { host: '127.0.0.1' }))
  const to = sockets[1]!.local
  const { from } = await client.ask(to, { signal, change: { ip: true, port: true } })
  expect(from).toEqual({ host: '127.7.0.1', port: all.endpoints[0]?.otherPort })
})

test('one that listens at another port answers at the one that others are told of', async () => {
  const [primary] = await listening('127.7.0.1')
  const other = await bind(4, { host: '127.7.0.2' })
  const third = await bind(4, { host: '127.7.0.3' })
  const all = hosts()
  await all.serve([primary!, other, third])
  const client = new StunClient(await bind(4, { host: '127.0.0.1' }))
  const { port } = primary!.local
  for (const host of ['127.7.0.1', '127.7.0.2', '127.7.0.3']) {
    expect((await client.ask({ host, port }, { signal })).from).toEqual({ host, port })
  }
})

test('where the second port is taken another one is used, and that is told', async () => {
  const [primary] = await listening('127.7.0.1')
  const holder = await bind(4, { host: '127.7.0.1' })
  const told: number[][] = []
  const all = new StunHosts({
    family: 4,
    bind,
    options: { limiter: new RateLimiter(performance.now()) },
    otherPort: holder.local.port,
    otherHosts: [],
    onPortTaken: (...ports) => void told.push(ports),
    log: defaultLogger().forComponent('test')
  })
  stops.push(() => all.stop())
  await all.serve([primary!])
  const { otherPort } = all.endpoints[0]!
  expect(otherPort).not.toBe(holder.local.port)
  expect(told).toEqual([[holder.local.port, otherPort]])
})

test('a host that the user named must be there; one that was only found need not be', async () => {
  const [primary, taken] = await listening('127.7.0.1', '127.7.0.2')
  await expect(hosts(['192.0.2.1']).serve([primary!])).rejects.toMatchObject({ code: 'ERR_UDP_BIND' })
  const all = new StunHosts({
    family: 4,
    bind: async (family, options) =>
      options.host === '127.7.0.2' ? Promise.reject(new Error('no room')) : bind(family, options),
    options: { limiter: new RateLimiter(performance.now()) },
    otherPort: 0,
    otherHosts: [],
    log: defaultLogger().forComponent('test')
  })
  stops.push(() => all.stop())
  await all.serve([primary!, taken!])
  expect(all.endpoints).toMatchObject([{ port: primary!.local.port }])
  expect(all.endpoints[0]).not.toHaveProperty('otherHost')
})

test('so many hosts are served, and no more', async () => {
  const names = Array.from({ length: MAX_STUN_HOSTS + 1 }, (_, n) => `127.7.1.${n + 1}`)
  const sockets = await listening(...names)
  const all = hosts()
  await all.serve(sockets)
  const client = new StunClient(await bind(4, { host: '127.0.0.1' }))
  const last = sockets[MAX_STUN_HOSTS - 1]!.local
  expect((await client.ask(last, { signal })).from).toEqual(last)
  const schedule = { sendAtMs: [0], giveUpAtMs: 100 }
  const past = client.ask(sockets[MAX_STUN_HOSTS]!.local, { signal, schedule })
  await expect(past).rejects.toMatchObject({ code: 'ERR_NO_STUN_ANSWER' })
})

test('the rate counts for all hosts together', async () => {
  const sockets = await listening('127.7.0.1', '127.7.0.2', '127.7.0.3')
  const limits = { burstPerIp: 2, perIpPerSecond: 0.001, perSecond: 100, maxIps: 10 }
  const all = hosts([], new RateLimiter(performance.now(), limits))
  await all.serve(sockets)
  const client = new StunClient(await bind(4, { host: '127.0.0.1' }))
  for (const { local } of sockets.slice(0, 2)) {
    await client.ask(local, { signal })
  }
  const third = client.ask(sockets[2]!.local, { signal, schedule: { sendAtMs: [0], giveUpAtMs: 100 } })
  await expect(third).rejects.toMatchObject({ code: 'ERR_NO_STUN_ANSWER' })
  expect(all.stats).toEqual({ answered: 2, dropped: 1 })
})

test('after the stop nothing is answered, even what was about to be served', async () => {
  const sockets = await listening('127.7.0.1', '127.7.0.2')
  const all = hosts()
  const serving = all.serve(sockets)
  all.stop()
  await serving
  expect(all.endpoints).toEqual([])
})

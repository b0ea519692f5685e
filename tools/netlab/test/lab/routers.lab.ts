import { expect, test } from 'vitest'
import { buildLab } from '../../src/index.ts'
import type { Lab, LabOptions, NatType } from '../../src/index.ts'
import { Agent } from './agent.ts'

const PORT = 4000
/** Of a machine that may be busy. */
const PATIENT = { timeout: 30_000 }
const build = async (options: LabOptions) => await buildLab({ name: 'test-routers', b: 'public', ...options })
const relayAddress = (lab: Lab) => lab.hosts.relay.addresses[0] ?? ''

/** A socket on a, one on the relay, and a mapping between them. */
async function mapped(lab: Lab): Promise<{ inside: Agent; relay: Agent; outside: { address: string; port: number } }> {
  const [inside, relay] = await Promise.all([Agent.on(lab.hosts.a), Agent.on(lab.hosts.relay, { port: PORT })])
  inside.send('hello', relayAddress(lab), PORT)
  const { address, port } = await relay.next()
  return { inside, relay, outside: { address, port } }
}

test.each<NatType>(['port-restricted', 'full-cone', 'cgnat', 'upnp'])(
  'a restarted %s router forgets its mappings until the host sends again',
  async (a) => {
    await using lab = await build({ a })
    const { inside, relay, outside } = await mapped(lab)
    relay.send('before', outside.address, outside.port)
    expect(await inside.next()).toMatchObject({ bytes: 'before' })
    await lab.restartRouter('a')
    relay.send('lost', outside.address, outside.port)
    // packets keep their order here: when this one has come, the other would have
    await expect.poll(async () => (await lab.counters()).get('a')?.out, PATIENT).toBeGreaterThanOrEqual(2)
    inside.send('again', relayAddress(lab), PORT)
    const { address, port } = await relay.next()
    relay.send('after', address, port)
    expect(await inside.next()).toMatchObject({ bytes: 'after' })
  }
)

test('a symmetric router has another port for the same flow after a restart', async () => {
  await using lab = await build({ a: 'symmetric' })
  const { inside, relay, outside } = await mapped(lab)
  await lab.restartRouter('a')
  inside.send('again', relayAddress(lab), PORT)
  expect((await relay.next()).port).not.toBe(outside.port)
})

test('nothing passes while a router is out', async () => {
  await using lab = await build({})
  const { inside, relay } = await mapped(lab)
  const restarting = lab.restartRouter('a', { outageMs: 3_000 })
  await expect
    .poll(async () => {
      inside.send('into the dark', relayAddress(lab), PORT)
      return (await lab.counters()).get('a')?.lost
    }, PATIENT)
    .toBeGreaterThan(0)
  await restarting
  inside.send('light', relayAddress(lab), PORT)
  let heard = await relay.next()
  while (heard.bytes !== 'light') {
    heard = await relay.next()
  }
  expect(lab.link('a').lossPercent).toBe(0)
})

test.each<NatType>(['public', 'port-restricted', 'full-cone', 'cgnat-symmetric', 'upnp'])(
  'a %s side that changes its address is seen at the new one only',
  async (a) => {
    await using lab = await build({ a })
    const { inside, relay, outside } = await mapped(lab)
    expect(outside.address).toBe('5.5.1.1')
    expect(await lab.changeAddress('a')).toEqual(['5.5.1.2'])
    relay.send('to nobody', outside.address, outside.port)
    inside.send('moved', relayAddress(lab), PORT)
    const moved = await relay.next()
    expect(moved).toMatchObject({ bytes: 'moved', address: '5.5.1.2' })
    relay.send('found', moved.address, moved.port)
    expect(await inside.next()).toMatchObject({ bytes: 'found' })
    expect((await lab.counters()).get('a')?.spoofed).toBe(0)
  }
)

test('an IPv6 side gets another prefix', async () => {
  await using lab = await build({ a: 'ipv6-only' })
  expect(await lab.changeAddress('a')).toEqual(['2a02:5:1:2::2'])
  expect(lab.hosts.a.addresses).toEqual(['2a02:5:1:2::2'])
  expect(await lab.classify('a')).toMatchObject({ family: 6, mapping: 'none' })
})

test('a host asks a UPnP router for a port, and strangers get in by it until the router restarts', async () => {
  await using lab = await build({ a: 'upnp' })
  const [inside, gateway, stranger] = await Promise.all([
    Agent.on(lab.hosts.a, { port: 5000 }),
    Agent.on(lab.hosts.a),
    Agent.on(lab.hosts.b)
  ])
  // NAT-PMP (RFC 6886): map UDP 5000 to 6000 for an hour
  const request = Buffer.from([0, 1, 0, 0, 5000 >> 8, 5000 & 255, 6000 >> 8, 6000 & 255, 0, 0, 0x0e, 0x10])
  const answer = Buffer.from((await gateway.ask(request.toString('latin1'), '192.168.1.1', 5351)).bytes, 'latin1')
  expect(answer.readUInt16BE(2)).toBe(0)
  const outsidePort = answer.readUInt16BE(10)
  stranger.send('knock', '5.5.1.1', outsidePort)
  expect(await inside.next()).toMatchObject({ bytes: 'knock', address: '5.5.2.1' })
  // NAT-PMP: the outside address
  const outside = Buffer.from((await gateway.ask('\0\0', '192.168.1.1', 5351)).bytes, 'latin1')
  expect([...outside.subarray(8, 12)]).toEqual([5, 5, 1, 1])
  await lab.restartRouter('a')
  stranger.send('knock again', '5.5.1.1', outsidePort)
  await expect.poll(async () => (await lab.counters()).get('a')?.out, PATIENT).toBeGreaterThanOrEqual(2)
  inside.send('open', lab.hosts.b.addresses[0] ?? '', stranger.port)
  await stranger.next()
  stranger.send('answer', '5.5.1.1', 5000)
  expect(await inside.next()).toMatchObject({ bytes: 'answer' })
})

test('neighbours on a LAN reach each other, and not by their public address', async () => {
  await using lab = await build({ b: 'lan' })
  const [one, two] = await Promise.all([Agent.on(lab.hosts.a), Agent.on(lab.hosts.b, { port: PORT })])
  const relay = await Agent.on(lab.hosts.relay, { port: PORT })
  two.send('hello', relayAddress(lab), PORT)
  const outside = await relay.next()
  one.send('hairpin', outside.address, outside.port)
  one.send('direct', lab.hosts.b.addresses[0] ?? '', PORT)
  expect(await two.next()).toMatchObject({ bytes: 'direct', address: '192.168.1.2' })
})

test('where UDP is blocked TCP passes', async () => {
  await using lab = await build({ a: 'udp-blocked' })
  const serve = `require('node:net').createServer((s) => s.end('welcome')).listen(${PORT}, () => console.log('up'))`
  const server = lab.hosts.relay.spawn(process.execPath, ['-e', serve], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => server.stdout?.once('data', resolve))
  const visit = `require('node:net').connect(${PORT}, '${relayAddress(lab)}').pipe(process.stdout)`
  expect((await lab.hosts.a.exec(process.execPath, ['-e', visit])).stdout).toBe('welcome')
})

test('two port-restricted sides punch a hole', async () => {
  await using lab = await build({ b: 'port-restricted' })
  const [a, b] = await Promise.all([Agent.on(lab.hosts.a, { port: 5000 }), Agent.on(lab.hosts.b, { port: 5000 })])
  a.send('opens the way in', '5.5.2.1', 5000)
  await expect.poll(async () => (await lab.counters()).get('b')?.out, PATIENT).toBe(1)
  b.send('comes through', '5.5.1.1', 5000)
  expect(await a.next()).toMatchObject({ bytes: 'comes through', address: '5.5.2.1', port: 5000 })
  a.send('and back', '5.5.2.1', 5000)
  expect(await b.next()).toMatchObject({ bytes: 'and back' })
})

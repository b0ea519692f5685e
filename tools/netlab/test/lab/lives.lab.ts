import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXTRA_SERVERS, buildLab, listLabs, openLab, removeLab } from '../../src/index.ts'
import { Agent } from './agent.ts'

const namespaces = async (name: string) =>
  (await readdir('/run/netns').catch((): string[] => [])).filter((each) => each.startsWith(`netlab.${name}.`))

test('two labs with the same addresses know nothing of each other', async () => {
  await using one = await buildLab({ name: 'test-one', a: 'public' })
  await using two = await buildLab({ name: 'test-two', a: 'public' })
  expect(one.hosts.a.addresses).toEqual(two.hosts.a.addresses)
  for (const lab of [one, two]) {
    const [a, relay] = await Promise.all([Agent.on(lab.hosts.a), Agent.on(lab.hosts.relay, { port: 4000 })])
    a.send(lab.name, lab.hosts.relay.addresses[0] ?? '', 4000)
    expect(await relay.next()).toMatchObject({ bytes: lab.name })
  }
  await one.down()
  expect(await two.classify('a')).toMatchObject({ udp: true })
})

test('what is removed leaves nothing: no namespace, no process, no file', async () => {
  const lab = await buildLab({ name: 'test-gone', a: 'cgnat', b: 'upnp' })
  const child = lab.hosts.a.spawn('sleep', ['600'])
  const ended = once(child, 'exit')
  await expect(lab.hosts.a.exec('true')).resolves.toMatchObject({ exitCode: 0 })
  await lab.down()
  await ended
  expect(await namespaces('test-gone')).toEqual([])
  expect(await listLabs()).not.toContain('test-gone')
  expect(await readdir(join(tmpdir(), `p2pshare-netlab-${process.getuid?.() ?? 0}`))).not.toContain('test-gone')
  await expect(lab.down()).resolves.toBeUndefined()
})

test('building a lab again removes what the last one left running', async () => {
  const forgotten = await buildLab({ name: 'test-again' })
  const ended = once(forgotten.hosts.b.spawn('sleep', ['600']), 'exit')
  await using lab = await buildLab({ name: 'test-again', b: 'symmetric' })
  await ended
  expect(await lab.classify('b')).toMatchObject({ mapping: 'address-and-port-dependent' })
})

test('another process can open a lab by its name and finds it as it is now', async () => {
  await using lab = await buildLab({ name: 'test-open' })
  await lab.setLink('a', { lossPercent: 1 })
  await lab.changeAddress('b')
  const opened = await openLab('test-open')
  expect(opened?.link('a').lossPercent).toBe(1)
  expect(opened?.hosts.b.publicAddresses).toEqual(['5.5.2.2'])
  expect(await listLabs()).toContain('test-open')
  expect(await openLab('test-never')).toBeUndefined()
})

test('relays, servers and more sides all reach each other', async () => {
  await using lab = await buildLab({
    name: 'test-many',
    relays: 2,
    extraServers: EXTRA_SERVERS,
    others: ['rst', 'public']
  })
  const receiver = await Agent.on(lab.host('d'), { port: 4000 })
  for (const name of ['a', 'b', 'c', 'relay', 'relay2', 's2', 's5']) {
    const sender = await Agent.on(lab.host(name))
    sender.send(name, lab.host('d').addresses[0] ?? '', 4000)
    expect(await receiver.next()).toMatchObject({ bytes: name, address: lab.host(name).publicAddresses[0] })
  }
})

test('a build that is aborted leaves nothing', async () => {
  const stop = new AbortController()
  const building = buildLab({ name: 'test-abort' }, { signal: stop.signal })
  setImmediate(() => stop.abort())
  await expect(building).rejects.toMatchObject({ name: 'AbortError' })
  expect(await namespaces('test-abort')).toEqual([])
  expect(await listLabs()).not.toContain('test-abort')
})

test('a command that fails says so, with what it said', async () => {
  await using lab = await buildLab({ name: 'test-exec' })
  await expect(lab.hosts.a.exec('sh', ['-c', 'echo no >&2; exit 3'])).rejects.toMatchObject({
    ...{ code: 'ERR_NETLAB_COMMAND', exitCode: 3, stderr: 'no\n' }
  })
  expect(() => lab.host('nobody')).toThrow(expect.objectContaining({ code: 'ERR_NETLAB_NOT_IN_LAB' }))
})

const userNamespaces = spawnSync('unshare', ['--user', '--map-root-user', '--net', '--mount', 'true']).status === 0

test.skipIf(!userNamespaces)('a lab in a user namespace is like one made by root', async () => {
  await using lab = await buildLab({ name: 'test-user', a: 'full-cone', b: 'upnp', ground: 'user' })
  expect(lab.ground).toBe('user')
  expect(await lab.classify('a')).toMatchObject({ filtering: 'endpoint-independent' })
  const ended = once(lab.hosts.b.spawn('sleep', ['600']), 'exit')
  await lab.restartRouter('b')
  expect(await lab.changeAddress('b')).toEqual(['5.5.2.2'])
  expect(await lab.classify('b')).toMatchObject({ outside: [{ address: '5.5.2.2' }, {}, {}] })
  await removeLab('test-user')
  await ended
  expect(await namespaces('test-user')).toEqual([])
})

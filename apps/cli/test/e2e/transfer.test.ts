import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { events, lookUntil, sameBytes, startSharer, trickle, useWorld } from './harness.ts'
import type { Outcome, Sharer } from './harness.ts'

const MIB = 1024 * 1024
/** Much more than is ever on its way at once. */
const BIG = 64 * MIB
const world = useWorld()

/** The first bytes are here, and most are not. */
const hasBytes = (line: string): boolean => {
  const event = JSON.parse(line) as { type: string; bytesDone?: number }
  return event.type === 'transfer.progress' && (event.bytesDone ?? 0) > 0
}

const hasMap = (line: string): boolean => (JSON.parse(line) as { type: string }).type === 'transfer.map'

const shareJson = async (path: string, args: readonly string[] = []): Promise<Sharer> =>
  startSharer(world, 'sharer', args, path)

test('a file goes from share to get by ticket; stdout is the ticket, and where it was put', async () => {
  const path = await world.randomFile('photo.jpg', 3 * MIB + 7)
  const sharing = world.start('sharer', ['share', path])
  const ticket = await sharing.line()
  expect(ticket).toMatch(/^p2pshare1[a-z2-7]+$/)
  await sharing.says(new RegExp(`p2pshare get ${ticket}`))
  const output = join(world.directory, 'in')
  const got = await world.run('getter', ['get', ticket, '-o', output])
  expect(got).toMatchObject({ code: 0, stdout: `${join(output, 'photo.jpg')}\n` })
  expect(got.stderr).toMatch(/photo\.jpg {2}1 file, 3\.0 MiB[^]*ok {2}3\.0 MiB verified in .* from 1 peer/)
  expect(await sameBytes(join(output, 'photo.jpg'), path)).toBe(true)
  await sharing.says(/sent 3\.\d MiB \(1\.\d copies\).* to \.\.\w{6} 3\.\d MiB/)
  sharing.kill('SIGINT')
  const shared = await sharing.done
  expect(shared).toMatchObject({ code: 130, stdout: `${ticket}\n` })
  expect(shared.stderr).toContain('stopped sharing')
})

test('a directory is found by content id alone, through a node-server and the DHT', async () => {
  const daemon = world.start('server', ['daemon'], {
    env: { P2PSHARE_SERVER_HTTP_PORT: '0', P2PSHARE_SERVER_LOG_LEVEL: 'warn' }
  })
  const server = JSON.parse(await daemon.line()) as { addresses: string[]; http: string }
  const bootstrap = ['--bootstrap', server.addresses.join(',')]
  const tree = join(world.directory, 'tree')
  await mkdir(join(tree, 'a'), { recursive: true })
  await writeFile(join(tree, 'a', 'one.txt'), 'one')
  await writeFile(join(tree, 'two.md'), 'two')
  await writeFile(join(tree, 'empty'), '')
  const { cid, peerId, addresses } = await shareJson(tree, bootstrap)

  const found = await world.run('finder', ['find', cid, ...bootstrap])
  expect(found).toMatchObject({ code: 0 })
  expect(found.stdout).toContain(`${peerId}\t`)

  const isThere = ({ stdout }: Outcome): boolean => stdout.includes('"path":"direct"')
  const listed = await lookUntil(world, 'finder', ['peers', ...bootstrap, '--json'], isThere)
  expect(events(listed)).toContainEqual(expect.objectContaining({ v: 1, type: 'peer', path: 'direct' }))

  const output = join(world.directory, 'in')
  const got = await world.run('getter', ['get', cid, '-o', output, '--json', ...bootstrap])
  expect(got).toMatchObject({ code: 0, stderr: '' })
  expect(events(got).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['transfer.started', 'transfer.map', 'transfer.peer'])
  )
  expect(events(got).at(-1)).toMatchObject({
    v: 1,
    type: 'transfer.done',
    ok: true,
    cid,
    bytes: 6,
    output: join(output, cid)
  })
  expect(await readFile(join(output, cid, 'a', 'one.txt'), 'utf8')).toBe('one')
  expect((await readdir(join(output, cid))).sort()).toEqual(['a', 'empty', 'two.md'])
  expect(addresses[0]).toContain('/ip4/127.0.0.1/tcp/')

  const health = await fetch(`${server.http}/healthz`)
  expect(await health.json()).toMatchObject({ status: 'ok' })
  daemon.kill('SIGTERM')
  expect(await daemon.done).toMatchObject({ code: 0 })
  await expect(readFile(join(world.directory, 'server', 'daemon.json'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('only what --select names is fetched, under the name of --name', async () => {
  const tree = join(world.directory, 'tree')
  await mkdir(join(tree, 'b'), { recursive: true })
  await writeFile(join(tree, 'a.txt'), 'a')
  await writeFile(join(tree, 'b', 'c.txt'), 'c')
  await writeFile(join(tree, 'b', 'd.md'), 'd')
  const { link } = await shareJson(tree)
  const got = await world.run('getter', ['get', link, '--name', 'mine', '--select', '**/c.txt', '*.none'])
  expect(got).toMatchObject({ code: 0, stdout: `${join(world.directory, 'mine')}\n` })
  expect(await readdir(join(world.directory, 'mine'), { recursive: true })).toEqual(['b', join('b', 'c.txt')])
})

test('Ctrl-C stops with 130 and says how to go on; the same command goes on where it stopped', async () => {
  const path = await world.randomFile('big.bin', BIG)
  const sharer = await shareJson(path)
  const args = ['get', sharer.ticket, '-o', join(world.directory, 'in'), '--json']
  const getting = world.start('getter', args)
  await getting.line(hasMap)
  await trickle(sharer, getting.line(hasBytes))
  getting.kill('SIGINT')
  const stopped = await getting.done
  expect(stopped).toMatchObject({ code: 130, stderr: '' })
  expect(events(stopped).at(-2)).toMatchObject({
    type: 'error',
    code: 'ERR_STOPPED',
    command: `p2pshare ${args.join(' ')}`
  })
  expect(await readdir(join(world.directory, 'in'))).not.toContain('big.bin')

  sharer.kill('SIGCONT')
  const resumed = await world.run('getter', args)
  expect(resumed.code).toBe(0)
  const map = events(resumed).find(({ type }) => type === 'transfer.map') as { bytesHave: number }
  const done = events(resumed).at(-1) as { bytes: number; bytesReceived: number }
  expect(map.bytesHave).toBeGreaterThan(0)
  expect(done.bytesReceived).toBeLessThan(done.bytes - map.bytesHave + 2 * MIB)
  expect(await sameBytes(join(world.directory, 'in', 'big.bin'), path)).toBe(true)
})

test('SIGTERM ends a get with 10, and a share with 0', async () => {
  const path = await world.randomFile('big.bin', BIG)
  const sharing = world.start('sharer', ['share', path])
  const ticket = await sharing.line()
  const getting = world.start('getter', ['get', ticket, '-o', 'in', '--json'])
  await getting.line(hasMap)
  await trickle(sharing, getting.line(hasBytes))
  getting.kill('SIGTERM')
  const stopped = await getting.done
  expect(stopped).toMatchObject({ code: 10, stderr: '' })
  expect(events(stopped).slice(-2)).toMatchObject([
    { type: 'error', code: 'ERR_STOPPED', exit: 10, advice: expect.stringContaining('p2pshare get') as string },
    { type: 'transfer.done', ok: false, exit: 10, bytesTotal: BIG }
  ])
  sharing.kill('SIGCONT')
  sharing.kill('SIGTERM')
  expect(await sharing.done).toMatchObject({ code: 0 })
})

test('a provider that falls silent is a timeout, and what arrived is kept', async () => {
  const path = await world.randomFile('big.bin', BIG)
  const sharer = await shareJson(path)
  const getting = world.start('getter', ['get', sharer.ticket, '-o', 'in', '--json', '--timeout', '12s'])
  await getting.line(hasMap)
  await trickle(sharer, getting.line(hasBytes))
  const stalled = await getting.done
  expect(stalled.code).toBe(4)
  expect(events(stalled).at(-2)).toMatchObject({ type: 'error', code: 'ERR_TRANSFER_STALLED', exit: 4 })
})

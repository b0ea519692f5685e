import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger, PeerId } from '@libp2p/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MAX_BANS_BYTES } from '../../src/bans/ban-codec.ts'
import { Bans, MAX_USER_BAN_MS } from '../../src/bans/bans.ts'
import { PENALTIES } from '../../src/bans/reputation.ts'

const log = Object.assign(() => undefined, { error: () => undefined }) as unknown as Logger
const { limit, banMs } = PENALTIES['wrong-bytes']
let alice: PeerId
let bob: PeerId

beforeAll(async () => {
  const random = seededRandom('bans')
  alice = await seededPeerId(random.fork('alice'))
  bob = await seededPeerId(random.fork('bob'))
})

async function place(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-bans-'))
  onTestFinished(async () => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Bans of one process, with a clock that stands still. */
async function open(directory?: string) {
  const heard: string[] = []
  const clock = { now: 1_000_000 }
  const bans = new Bans({
    directory,
    log,
    now: () => clock.now,
    banned: ({ peer, reason }) => heard.push(`${peer.toString()} ${reason}`),
    pardoned: (peer) => heard.push(`${peer.toString()} pardoned`)
  })
  await bans.start()
  onTestFinished(async () => bans.stop())
  const offend = (peer: PeerId, times: number): void => {
    for (let time = 0; time < times; time++) {
      bans.blame(peer, 'wrong-bytes')
    }
  }
  return { bans, heard, clock, offend }
}

describe('bans', () => {
  test('come at once with enough offences, once, and name peer, reason, time and count', async () => {
    const { bans, heard, clock, offend } = await open()
    offend(alice, limit - 1)
    expect([bans.isBanned(alice), heard]).toEqual([false, []])
    offend(alice, 3)
    expect(heard).toEqual([`${alice.toString()} wrong-bytes`])
    const since = clock.now
    expect(bans.list()).toEqual([{ peer: alice, reason: 'wrong-bytes', since, until: since + banMs, count: limit }])
    clock.now += banMs
    expect([bans.isBanned(alice), bans.list()]).toEqual([false, []])
  })

  test('by hand last until they are removed, or as long as was said', async () => {
    const { bans, clock } = await open()
    expect(await bans.ban(alice)).toEqual({ peer: alice, reason: 'user', since: clock.now, count: 0 })
    await bans.ban(bob, { durationMs: 5 })
    clock.now += 5
    expect(bans.list().map(({ peer }) => peer)).toEqual([alice])
    await expect(bans.ban(bob, { durationMs: 0 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
  })

  test('that are removed take what the peer did along', async () => {
    const { bans, heard, offend } = await open()
    offend(alice, limit)
    expect([await bans.unban(alice), await bans.unban(alice)]).toEqual([true, false])
    expect(heard.at(-1)).toBe(`${alice.toString()} pardoned`)
    offend(alice, limit - 1)
    expect(bans.isBanned(alice)).toBe(false)
  })

  test('survive a restart', async () => {
    const directory = await place()
    const first = await open(directory)
    first.offend(alice, limit)
    await first.bans.ban(bob)
    await first.bans.stop()
    const second = await open(directory)
    expect(second.bans.list()).toEqual(first.bans.list())
    expect(second.heard).toHaveLength(2)
  })

  test('of two processes of one directory add up, and each notices what the other did', async () => {
    const directory = await place()
    const [one, other] = [await open(directory), await open(directory)]
    await Promise.all([one.bans.ban(alice), other.bans.ban(bob)])
    await one.bans.refresh()
    await other.bans.refresh()
    for (const { bans } of [one, other]) {
      expect(bans.isBanned(alice) && bans.isBanned(bob)).toBe(true)
    }
    await other.bans.unban(alice)
    await one.bans.refresh()
    expect(one.heard).toEqual([`${alice.toString()} user`, `${bob.toString()} user`, `${alice.toString()} pardoned`])
  })

  test.each([
    ['that is damaged', 'no list'],
    ['that is too large', ' '.repeat(MAX_BANS_BYTES + 1)]
  ])('are not lost by a file %s: it is set aside, and theirs takes its place', async (_, text) => {
    const directory = await place()
    const path = join(directory, 'bans.json')
    const [one, other] = [await open(directory), await open(directory)]
    await one.bans.ban(alice)
    await other.bans.refresh()
    await writeFile(path, text)
    await other.bans.refresh()
    expect(other.bans.isBanned(alice)).toBe(true)
    await one.bans.ban(bob)
    await other.bans.refresh()
    for (const { bans } of [one, other, await open(directory)]) {
      expect(bans.list().map(({ peer }) => peer)).toEqual([alice, bob])
    }
    expect(other.heard).toEqual([`${alice.toString()} user`, `${bob.toString()} user`])
    expect(await readFile(`${path}.bad`, 'utf8')).toBe(text)
  })

  test('that begin with a damaged file begin with none', async () => {
    const directory = await place()
    await writeFile(join(directory, 'bans.json'), 'no list')
    const { bans } = await open(directory)
    expect(bans.list()).toEqual([])
    await bans.ban(alice)
    expect((await open(directory)).bans.list()).toHaveLength(1)
  })

  test('leave the file of a later version alone, and live with the node', async () => {
    const directory = await place()
    const path = join(directory, 'bans.json')
    const later = '{"version":2,"bans":[]}'
    await writeFile(path, later)
    const { bans } = await open(directory)
    await bans.ban(alice)
    await bans.refresh()
    expect(bans.isBanned(alice)).toBe(true)
    expect([await readFile(path, 'utf8'), await readdir(directory)]).toEqual([later, ['bans.json']])
    await rm(path)
    await bans.ban(bob)
    expect((await open(directory)).bans.list()).toHaveLength(2)
  })

  test('by hand are for MAX_USER_BAN_MS at most, and are read again after a restart', async () => {
    const directory = await place()
    const { bans } = await open(directory)
    const { until } = await bans.ban(alice, { durationMs: MAX_USER_BAN_MS })
    expect(new Date(until ?? NaN).toISOString()).toMatch(/^2069-/)
    for (const durationMs of [MAX_USER_BAN_MS + 1, Number.MAX_SAFE_INTEGER, NaN]) {
      await expect(bans.ban(bob, { durationMs })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
    expect((await open(directory)).bans.list()).toHaveLength(1)
  })

  test('that cannot be written hold all the same, and are written with the next one that can', async () => {
    const directory = join(await place(), 'sub')
    await writeFile(directory, 'in the way')
    const { bans } = await open(directory)
    await expect(bans.ban(alice)).rejects.toMatchObject({ code: 'ERR_DISK' })
    expect(bans.isBanned(alice)).toBe(true)
    await rm(directory)
    await bans.ban(bob)
    const again = await open(directory)
    expect(again.bans.list()).toHaveLength(2)
  })
})

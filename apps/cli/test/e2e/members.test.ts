import { expect, test } from 'vitest'
import { events, lookUntil, rows, startSharer, useWorld } from './harness.ts'
import type { Outcome, Sharer } from './harness.ts'

const world = useWorld()

const node = async (home: string, ...bootstrap: string[]): Promise<Sharer> =>
  startSharer(
    world,
    home,
    bootstrap.flatMap((address) => ['--bootstrap', address])
  )

/** What `me` sees when it sees all of them. */
const looked = async (args: readonly string[], hub: Sharer, ...others: readonly Sharer[]): Promise<Outcome> =>
  lookUntil(world, 'me', [...args, '--bootstrap', hub.address], ({ stdout }) =>
    [hub, ...others].every(({ peerId }) => stdout.includes(peerId))
  )

test('members lists who is alive in the network, connected to us or not', async () => {
  const hub = await node('hub')
  const other = await node('other', hub.address)
  const listed = await looked(['members'], hub, other)
  expect(listed).toMatchObject({ code: 0 })
  expect(
    rows(listed)
      .map(([state, , , , , peer]) => [state, peer])
      .sort()
  ).toEqual([hub, other].map(({ peerId }) => ['alive', peerId]).sort())
  expect(rows(listed).every((row) => row.length === 7)).toBe(true)
  expect(listed.stderr).toContain('2 alive')
})

test('members --json is one object a member, and the counts at the end', async () => {
  const hub = await node('hub')
  const listed = await looked(['members', '--json'], hub)
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(events(listed)).toMatchObject([
    {
      v: 1,
      type: 'member',
      peer: hub.peerId,
      state: 'alive',
      incarnation: expect.any(Number) as number,
      addresses: expect.arrayContaining([hub.address]) as string[]
    },
    { v: 1, type: 'members', alive: 1, suspect: 0, dead: 0, left: 0 }
  ])
})

test('alone, it says how to meet somebody', async () => {
  const alone = await world.run('me', ['members', '--timeout', '300ms'])
  expect(alone).toMatchObject({ code: 0, stdout: '' })
  expect(alone.stderr).toContain('--bootstrap')
})

test('members --watch says who joins, leaves and dies, a line each, until it is told to end', async () => {
  const hub = await node('hub')
  const watching = world.start('me', ['members', '--watch', '--json', '--bootstrap', hub.address])
  const change = async (name: string, peer: string): Promise<void> => {
    await watching.line((line) => line.includes(`"change":"${name}"`) && line.includes(peer))
  }
  await change('join', hub.peerId)
  const [leaving, dying] = [await node('leaving', hub.address), await node('dying', hub.address)]
  await change('join', leaving.peerId)
  await change('join', dying.peerId)
  leaving.kill('SIGTERM')
  await change('leave', leaving.peerId)
  dying.kill('SIGKILL')
  await change('dead', dying.peerId)
  watching.kill('SIGINT')
  expect(await watching.done).toMatchObject({ code: 130, stderr: '' })
})

test('members --watch with a time ends by itself, and is tab-separated on a pipe', async () => {
  const hub = await node('hub')
  const watched = await looked(['members', '--watch'], hub)
  expect(watched).toMatchObject({ code: 0 })
  expect(watched.stdout).toMatch(new RegExp(`^\\S+Z\\tjoin\\talive\\t.*\\t${hub.peerId}\\t`, 'm'))
})

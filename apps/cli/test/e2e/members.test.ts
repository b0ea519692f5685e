import { expect, test } from 'vitest'
import { events, useWorld } from './harness.ts'
import type { Running } from './harness.ts'

const world = useWorld()

interface Ready {
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** A node that stays: it shares a file. */
async function node(home: string, ...bootstrap: string[]): Promise<Running & Ready> {
  const path = await world.randomFile(`${home}.bin`, 100)
  const join = bootstrap.flatMap((address) => ['--bootstrap', address])
  const running = world.start(home, ['share', path, '--json', ...join])
  const { peerId, addresses } = JSON.parse(await running.line()) as Ready
  return { ...running, peerId, addresses }
}

test('members lists who is alive in the network, connected to us or not', async () => {
  const hub = await node('hub')
  const other = await node('other', hub.addresses[0] ?? '')
  const listed = await world.run('me', ['members', '--bootstrap', hub.addresses[0] ?? ''])
  expect(listed).toMatchObject({ code: 0 })
  const rows = listed.stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  expect(rows.map(([state, , , , , peer]) => [state, peer]).sort()).toEqual(
    [hub, other].map(({ peerId }) => ['alive', peerId]).sort()
  )
  expect(rows.every((row) => row.length === 7)).toBe(true)
  expect(listed.stderr).toContain('2 alive')
})

test('members --json is one object a member, and the counts at the end', async () => {
  const hub = await node('hub')
  const listed = await world.run('me', ['members', '--json', '--bootstrap', hub.addresses[0] ?? ''])
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(events(listed)).toMatchObject([
    {
      v: 1,
      type: 'member',
      peer: hub.peerId,
      state: 'alive',
      incarnation: expect.any(Number) as number,
      addresses: expect.arrayContaining([hub.addresses[0]]) as string[]
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
  const watching = world.start('me', ['members', '--watch', '--json', '--bootstrap', hub.addresses[0] ?? ''])
  const change = async (name: string, peer: string): Promise<void> => {
    await watching.line((line) => line.includes(`"change":"${name}"`) && line.includes(peer))
  }
  await change('join', hub.peerId)
  const [leaving, dying] = [await node('leaving', hub.addresses[0] ?? ''), await node('dying', hub.addresses[0] ?? '')]
  await change('join', leaving.peerId)
  await change('join', dying.peerId)
  leaving.kill('SIGTERM')
  await change('leave', leaving.peerId)
  dying.kill('SIGKILL')
  await change('dead', dying.peerId)
  watching.kill('SIGINT')
  expect(await watching.done).toMatchObject({ code: 130, stderr: '' })
}, 60_000)

test('members --watch with a time ends by itself, and is tab-separated on a pipe', async () => {
  const hub = await node('hub')
  const watched = await world.run('me', [
    'members',
    '--watch',
    '--timeout',
    '3s',
    '--bootstrap',
    hub.addresses[0] ?? ''
  ])
  expect(watched).toMatchObject({ code: 0 })
  expect(watched.stdout).toMatch(new RegExp(`^\\S+Z\\tjoin\\talive\\t.*\\t${hub.peerId}\\t`, 'm'))
})

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { events, sameBytes, useWorld } from './harness.ts'

const world = useWorld()

test('a peer that is banned cannot get, over restarts of the home; one that is unbanned can', async () => {
  const path = await world.randomFile('f', 100_000)
  const sharing = world.start('sharer', ['share', path, '--json'])
  const ready = JSON.parse(await sharing.line()) as { ticket: string; peerId: string }
  const { ticket, peerId } = ready

  const added = await world.run('getter', ['bans', 'add', peerId])
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^${peerId}\tuser\t`)) as string })
  const listed = await world.run('getter', ['bans', '--json'])
  expect(events(listed)).toMatchObject([{ v: 1, type: 'ban', peer: peerId, reason: 'user', count: 0 }])

  const refused = await world.run('getter', ['get', ticket, '-o', 'in', '--timeout', '1s'])
  expect(refused.code).not.toBe(0)

  const removed = await world.run('getter', ['bans', 'remove', peerId])
  expect(removed).toMatchObject({ code: 0, stderr: expect.stringContaining('not banned any more') as string })
  expect(await world.run('getter', ['bans', 'list'])).toMatchObject({ code: 0, stdout: '' })
  expect(await world.run('getter', ['get', ticket, '-o', 'in'])).toMatchObject({ code: 0 })
  expect(await sameBytes(join(world.directory, 'in', 'f'), path)).toBe(true)
})

test.each([
  [['add', 'nobody'], 'is not a peer id'],
  [['remove', 'nobody'], 'is not a peer id'],
  [['add', '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo', '--for', 'ages'], 'ages']
])('bans %j is a mistake of the user', async (args, says) => {
  const outcome = await world.run('home', ['bans', ...args])
  expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(says) as string })
})

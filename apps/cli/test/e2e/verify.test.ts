import { open, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { events, rows, startSharer, useWorld } from './harness.ts'
import type { Sharer } from './harness.ts'

const BYTES = 3_000_000
const OTHER_CID = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
const world = useWorld()

/** A home whose last process was killed: it still has its share, which Ctrl-C would have ended. */
async function killedSharer(): Promise<Sharer> {
  const sharer = await startSharer(world, 'home', [], await world.randomFile('film.mkv', BYTES))
  sharer.kill('SIGKILL')
  await sharer.done
  return sharer
}

/** Other bytes under the same size and date, as a failing disk leaves them. */
async function rot(name: string): Promise<void> {
  const path = join(world.directory, name)
  const { atime, mtime } = await stat(path)
  const file = await open(path, 'r+')
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, BYTES / 2)
  await file.write(
    buffer.map((byte) => byte ^ 1),
    0,
    1,
    BYTES / 2
  )
  await file.close()
  await utimes(path, atime, mtime)
}

test('verify reads what is shared, and a changed byte is told, exits with 7 and ends the share', async () => {
  const { cid } = await killedSharer()
  const fine = await world.run('home', ['verify'])
  expect(fine.code).toBe(0)
  expect(rows(fine)).toEqual([['ok', cid, String(BYTES), 'film.mkv']])

  await rot('film.mkv')
  const damaged = await world.run('home', ['verify', cid])
  expect(damaged.code).toBe(7)
  expect(rows(damaged)).toEqual([['damaged', cid, expect.stringMatching(/^\d+$/) as string, 'film.mkv']])
  expect(damaged.stderr).toMatch(/^warning {2}film\.mkv \S[^]*it is not shared any more/m)

  const after = await world.run('home', ['verify'])
  expect(after).toMatchObject({ code: 0, stdout: '' })
  expect(after.stderr).toContain('nothing is shared from this home')
})

test('verify --json is one object a share, with what is wrong', async () => {
  const { cid } = await killedSharer()
  await rot('film.mkv')
  const damaged = await world.run('home', ['verify', '--json'])
  expect(damaged).toMatchObject({ code: 7, stderr: '' })
  expect(events(damaged)).toContainEqual({
    ...{ v: 1, type: 'verify.share', cid, bytes: expect.any(Number) as number },
    damaged: [{ path: expect.any(String) as string, problem: expect.any(String) as string }]
  })
})

test('scrub does the same for all shares, and sums up', async () => {
  const { cid } = await killedSharer()
  const path = join(world.directory, 'film.mkv')
  await utimes(path, 1, 1) // touched, and the same bytes
  const fine = await world.run('home', ['scrub', '--rate', '1G'])
  expect(fine).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1\t\d+\t0\t0\n$/) as string })

  await rot('film.mkv')
  const damaged = await world.run('home', ['scrub', '--rate', '1G', '--json'])
  expect(damaged).toMatchObject({ code: 7, stderr: '' })
  expect(events(damaged).at(-1)).toMatchObject({ v: 1, type: 'scrub.done', shares: 1, damaged: 1 })
  expect(events(damaged)).toContainEqual(expect.objectContaining({ type: 'share.changed', cid }) as object)
})

test('what is no share of this home, or no rate, is wrong usage', async () => {
  const [verified, scrubbed, typo] = await Promise.all([
    world.run('home', ['verify', OTHER_CID, '--json']),
    world.run('other', ['scrub']),
    world.run('typo', ['scrub', '--rate', 'slow'])
  ])
  expect(events(verified)).toMatchObject([
    { type: 'error', code: 'ERR_USAGE', exit: 2, message: `'${OTHER_CID}' is not a share of this home` }
  ])
  expect(scrubbed).toMatchObject({ code: 0, stdout: '0\t0\t0\t0\n' })
  expect(scrubbed.stderr).toContain('nothing is shared from this home')
  expect(typo).toMatchObject({ code: 2, stdout: '' })
  expect(typo.stderr).toMatch(/error ERR_USAGE[^]*slow[^]*try: /)
})

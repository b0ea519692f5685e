import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DAEMON_FILE, createToken, removeDaemonFile, writeDaemonFile } from '../src/daemon-file.ts'

const info = { url: 'http://127.0.0.1:7070', token: 't', pid: 42 }
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'p2pshare-server-'))
})

afterEach(async () => {
  await rm(home, { recursive: true })
})

test('only the owner can read the token', async () => {
  await writeDaemonFile(home, info)
  const file = join(home, DAEMON_FILE)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(info)
  expect(await readdir(home)).toEqual([DAEMON_FILE])
})

test('what an earlier process left is replaced, a link is not followed', async () => {
  const elsewhere = join(home, 'elsewhere')
  await writeFile(elsewhere, 'untouched')
  await symlink(elsewhere, join(home, DAEMON_FILE))
  await symlink(elsewhere, join(home, `${DAEMON_FILE}.42`))
  await writeDaemonFile(home, info)
  expect(await readFile(elsewhere, 'utf8')).toBe('untouched')
  expect(JSON.parse(await readFile(join(home, DAEMON_FILE), 'utf8'))).toEqual(info)
})

test('it is removed by the process that wrote it, and by no other', async () => {
  await writeDaemonFile(home, info)
  await removeDaemonFile(home, 7)
  expect(await readdir(home)).toEqual([DAEMON_FILE])
  await removeDaemonFile(home, 42)
  await removeDaemonFile(home, 42)
  expect(await readdir(home)).toEqual([])
})

test('a damaged file is left to whoever damaged it', async () => {
  await writeFile(join(home, DAEMON_FILE), 'null')
  await removeDaemonFile(home, 42)
  expect(await readdir(home)).toEqual([DAEMON_FILE])
})

test('tokens are long and differ', () => {
  expect(createToken()).toMatch(/^[\w-]{43}$/)
  expect(createToken()).not.toBe(createToken())
})

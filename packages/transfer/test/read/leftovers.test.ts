import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearReads, readsDirectory } from '../../src/read/leftovers.ts'
import { TEMPORARY_NAME, TEMPORARY_PREFIX } from '../../src/read/temporary.ts'
import { partialPath } from '../../src/store/partial.ts'

const log = (() => undefined) as unknown as Logger
let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'p2pshare-leftovers-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** What a reader of the process keeps. */
async function leave(pid: number): Promise<string> {
  const name = `${TEMPORARY_PREFIX}${pid}-abc123`
  const partial = partialPath(join(readsDirectory(home), name, TEMPORARY_NAME))
  await mkdir(partial, { recursive: true })
  await writeFile(join(partial, 'content'), 'bytes')
  return name
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

test('what a process that is gone has left is removed; that of one which runs, and what is not ours, stay', async () => {
  await leave(await deadPid())
  const running = await leave(process.ppid)
  await mkdir(join(readsDirectory(home), 'something else'))
  await clearReads(readsDirectory(home), log)
  expect((await readdir(readsDirectory(home))).sort()).toEqual([running, 'something else'].sort())
})

test('a home that nobody read at has nothing to remove', async () => {
  await clearReads(readsDirectory(home), log)
  expect(await readdir(home)).toEqual([])
})

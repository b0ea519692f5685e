import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLock } from '../src/home-lock.ts'
import { tempDirectory } from './temp.ts'

const onLinux = test.skipIf(process.platform !== 'linux')

async function lockPath(): Promise<string> {
  return join(await tempDirectory(), 'lock')
}

/** The pid of a process that lives until the test is over. */
async function livingProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")'])
  onTestFinished(() => {
    child.kill()
  })
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

async function acquire(path: string): Promise<() => Promise<void>> {
  const result = await acquireLock(path)
  if (result.type === 'busy') {
    expect.fail(`busy: ${String(result.holder)}`)
  }
  return result.release
}

test('a lock is held until it is released, and leaves nothing behind', async () => {
  const path = await lockPath()
  const release = await acquire(path)
  expect(await acquireLock(path)).toEqual({ type: 'busy', holder: process.pid })
  await release()
  await (
    await acquire(path)
  )()
  expect(await readdir(join(path, '..'))).toEqual([])
})

test('the lock of a living process is respected', async () => {
  const path = await lockPath()
  const pid = await livingProcess()
  await writeFile(path, `${pid} 0\n`)
  expect(await acquireLock(path)).toEqual({ type: 'busy', holder: pid })
  expect(await readFile(path, 'latin1')).toBe(`${pid} 0\n`)
})

test('the lock of a dead process is taken over', async () => {
  const path = await lockPath()
  await writeFile(path, `${await deadProcess()} 0\n`)
  const release = await acquire(path)
  expect(await readFile(path, 'latin1')).toMatch(new RegExp(`^${process.pid} \\d+\\n$`, 'u'))
  await release()
})

onLinux('a lock whose pid was given to a later process is taken over', async () => {
  const path = await lockPath()
  await writeFile(path, `${await livingProcess()} 1\n`)
  await (
    await acquire(path)
  )()
})

test('a lock that an earlier process with our pid left behind is taken over', async () => {
  const path = await lockPath()
  await writeFile(path, `${process.pid} 1\n`)
  await (
    await acquire(path)
  )()
})

test.each(['', 'garbage\n', '-1 0\n', '0 0\n', '1e3 0\n'])(
  'a lock that names nobody is taken over: %j',
  async (content) => {
    const path = await lockPath()
    await writeFile(path, content)
    await (
      await acquire(path)
    )()
    expect(await readdir(join(path, '..'))).toEqual([])
  }
)

test('of many that ask at once, one gets it', async () => {
  const path = await lockPath()
  const results = await Promise.all(Array.from({ length: 10 }, async () => acquireLock(path)))
  const acquired = results.filter((result) => result.type === 'acquired')
  expect(acquired).toHaveLength(1)
  await acquired[0]?.release()
})

test('releasing does not remove the lock of another process', async () => {
  const path = await lockPath()
  const release = await acquire(path)
  await writeFile(path, '999999 0\n')
  await release()
  expect(await readFile(path, 'latin1')).toBe('999999 0\n')
})

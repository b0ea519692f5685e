import { spawn, spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeFs } from '../../src/store/fs.ts'
import { acquireLock } from '../../src/store/lock.ts'
import { tree } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = async () => join(await tempDir(), 'lock')

it('keeps a second one out until it is released', async () => {
  const path = await place()
  const release = await acquireLock(nodeFs, path)
  await expect(acquireLock(nodeFs, path)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY', fault: 'user' })
  await release()
  const again = await acquireLock(nodeFs, path)
  await again()
  await again()
  expect(await tree(join(path, '..'))).toEqual([])
})

it('keeps this process out while another living one has it', async () => {
  const path = await place()
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  try {
    await writeFile(path, `${child.pid} 0\n`)
    await expect(acquireLock(nodeFs, path)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY' })
  } finally {
    child.kill('SIGKILL')
  }
})

it('takes over the lock of a process that is gone', async () => {
  const path = await place()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await writeFile(path, `${pid} 12345\n`)
  const release = await acquireLock(nodeFs, path)
  expect(await readFile(path, 'latin1')).toMatch(new RegExp(`^${process.pid} \\d+\\n$`))
  await release()
})

it('takes over a lock whose pid belongs to another process now', async () => {
  const path = await place()
  await writeFile(path, `1 ${Number.MAX_SAFE_INTEGER}\n`)
  if (process.platform === 'linux') {
    await (
      await acquireLock(nodeFs, path)
    )()
  }
})

it('takes over a lock that was left half written, and one of a former process with our pid', async () => {
  for (const text of ['', '12', `${process.pid} 1\n`]) {
    const path = await place()
    await writeFile(path, text)
    await (
      await acquireLock(nodeFs, path)
    )()
  }
})

it('does not touch a file that is not a lock', async () => {
  const path = await place()
  await writeFile(path, 'x'.repeat(65))
  await expect(acquireLock(nodeFs, path)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'EEXIST' })
  expect(await readFile(path, 'utf8')).toBe('x'.repeat(65))
})

import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../run/command.ts'

const [SOURCE, HEADER] = ['wan-switch.c', 'frame-queue.h'].map((file) => join(import.meta.dirname, file)) as [
  string,
  string
]
const FLAGS = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror'] as const

/** Where the compiled switch is, or is going to be: its name holds a hash of the source. */
export async function switchProgram(): Promise<{ readonly path: string; readonly compiled: boolean }> {
  const hash = createHash('sha256').update(FLAGS.join())
  for (const file of [SOURCE, HEADER]) {
    hash.update(await readFile(file))
  }
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const path = join(cache, 'p2pshare-netlab', `wan-switch-${process.arch}-${hash.digest('hex').slice(0, 16)}`)
  const compiled = await access(path).then(
    () => true,
    () => false
  )
  return { path, compiled }
}

/** Compile the switch. Several labs may do so at the same time: the last one wins, with the same bytes. */
export async function compileSwitch(path: string, signal?: AbortSignal): Promise<void> {
  const draft = `${path}.${process.pid}`
  await mkdir(join(path, '..'), { recursive: true })
  try {
    await run(['gcc', ...FLAGS, '-o', draft, SOURCE], { signal })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

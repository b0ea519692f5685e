import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { hasErrno } from './system-error.ts'

const READABLE_BY_OTHERS = 0o077

/** A file that only its owner should be able to read. */
export type PrivateFile =
  | { readonly state: 'missing' }
  /** Others can read it, so what it holds is not looked at. */
  | { readonly state: 'shared'; readonly mode: number }
  | { readonly state: 'too-large'; readonly size: number }
  | { readonly state: 'private'; readonly bytes: Uint8Array }

/** Reads at most `maxBytes`. Who may read a file is not known on Windows. */
export async function readPrivateFile(path: string, maxBytes: number): Promise<PrivateFile> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return { state: 'missing' }
    }
    throw error
  }
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & READABLE_BY_OTHERS) !== 0) {
      return { state: 'shared', mode: mode & 0o7777 }
    }
    return size > maxBytes ? { state: 'too-large', size } : { state: 'private', bytes: await file.readFile() }
  } finally {
    await file.close()
  }
}

/** A new file that is on the disk when this resolves. Throws `EEXIST` when there is one. */
export async function writePrivateFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

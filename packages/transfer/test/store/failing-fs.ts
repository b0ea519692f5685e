import type { FileHandle } from 'node:fs/promises'
import { nodeFs } from '../../src/store/fs.ts'
import type { StoreFs } from '../../src/store/fs.ts'

/** One call to the file system: `open`, or `handle.write` for a method of an open file. */
export interface FsCall {
  /** Calls before this one. */
  readonly nth: number
  readonly name: string
  readonly path: string
}

export interface FailingFs {
  readonly fs: StoreFs
  /** Calls so far. */
  readonly calls: readonly FsCall[]
}

/** The real file system, except for calls to which `fail` answers with an errno. */
export function failingFs(fail: (call: FsCall) => string | undefined): FailingFs {
  const calls: FsCall[] = []
  const check = (name: string, path: string): void => {
    const call = { nth: calls.length, name, path }
    calls.push(call)
    const code = fail(call)
    if (code !== undefined) {
      throw Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code, syscall: name, errno: -1, path })
    }
  }
  const fs = new Proxy(nodeFs, {
    get:
      (target, name: keyof StoreFs) =>
      async (path: string, ...rest: readonly unknown[]) => {
        check(name, path)
        const result: unknown = await Reflect.apply(target[name], target, [path, ...rest])
        return name === 'open' ? wrap(result as FileHandle, path, check) : result
      }
  })
  return { fs, calls }
}

function wrap(handle: FileHandle, path: string, check: (name: string, path: string) => void): FileHandle {
  return new Proxy(handle, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') {
        return value
      }
      return async (...args: readonly unknown[]) => {
        try {
          check(`handle.${String(name)}`, path)
        } catch (error) {
          // a close that fails has closed the descriptor all the same
          if (name === 'close') {
            await target.close()
          }
          throw error
        }
        return Reflect.apply(value, target, args) as unknown
      }
    }
  })
}

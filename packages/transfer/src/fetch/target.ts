import { resolve } from 'node:path'
import type { CID } from 'multiformats/cid'
import { checkName } from '../paths.ts'
import type { GetOptions } from '../types.ts'

/** Where the content of `root` goes. Throws `UnsafePathError` for a name that must not be a path. */
export function targetOf(root: CID, options: GetOptions): { name: string; target: string } {
  const name = checkName(options.name ?? root.toString())
  return { name, target: resolve(options.output ?? '.', name) }
}

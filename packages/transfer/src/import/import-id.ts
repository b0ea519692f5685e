import type { CID } from 'multiformats/cid'
import type { ImportOptions } from '../types.ts'
import { withDigester } from './digesting.ts'
import type { Digester } from './digesting.ts'
import { importPath } from './importer.ts'

/** The root CID of a file or directory; nothing is kept, and no thread outlives it. */
export async function importId(path: string, options: ImportOptions = {}): Promise<CID> {
  return computeId(path, options, undefined)
}

/** The same with the threads of a node that is there anyway. */
export async function computeId(path: string, options: ImportOptions, shared: Digester | undefined): Promise<CID> {
  const { workers, ...rest } = options
  return withDigester({ workers, shared }, async (digester) => {
    const { root } = await importPath(path, { node: () => undefined }, { ...rest, digester })
    return root
  })
}

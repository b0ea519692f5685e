import type { CID } from 'multiformats/cid'
import { importPath } from './importer.ts'
import type { ImportOptions } from '../types.ts'

/** The root CID of a file or directory; nothing is kept. */
export async function importId(path: string, options: ImportOptions = {}): Promise<CID> {
  const { root } = await importPath(path, { node: () => undefined }, options)
  return root
}

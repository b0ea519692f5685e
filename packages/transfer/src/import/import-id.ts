import type { CID } from 'multiformats/cid'
import { importPath } from './importer.ts'
import type { ImportPathOptions } from './importer.ts'

/** The root CID of a file or directory; nothing is kept. */
export async function importId(path: string, options: ImportPathOptions = {}): Promise<CID> {
  const { root } = await importPath(path, { node: () => undefined }, options)
  return root
}

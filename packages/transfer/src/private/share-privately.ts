import { seedContent } from '../share/content.ts'
import type { ShareInfo } from '../share/entry.ts'
import type { OpenShare } from '../share/library.ts'
import { memoryNodeStore } from '../store/memory-node-store.ts'
import { openSeedStore } from '../store/seed-store.ts'
import type { ImportOptions } from '../types.ts'
import { importPrivate } from './import-private.ts'
import { SealedStore } from './sealed-store.ts'
import type { ShareSecret } from './secret.ts'

/** Import in place and be ready to serve, sealed. Nothing of it is kept on the disk: the key would have to be, too. */
export async function sharePrivately(
  path: string,
  secret: ShareSecret,
  options: ImportOptions
): Promise<OpenShare & { readonly info: ShareInfo }> {
  const cipher = secret.cipher()
  const nodes = memoryNodeStore()
  const { map, layout, manifest, fingerprints, ...found } = await importPrivate(path, cipher, nodes, options)
  const inner = await openSeedStore(layout, found.path, { fingerprints })
  const store = new SealedStore({ map, layout, cipher, manifest, inner })
  const info: ShareInfo = {
    root: map.root,
    name: found.name,
    path: found.path,
    kind: layout.kind,
    bytes: layout.totalBytes,
    files: layout.files.length,
    leaves: map.leafCount
  }
  return { info, nodes, content: seedContent(map, store) }
}

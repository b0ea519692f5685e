import { NotEnoughSpaceError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import type { DownloadStore } from './download-store.ts'
import { onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'

/**
 * See that there is room for `need` bytes on the file system of `directory`, so that a download says so before it begins
 * and not hours later. A file system that does not know how large it is, as some in user space, is believed to have room.
 *
 * @throws NotEnoughSpaceError with what is needed and what is there.
 */
export async function requireSpace(fs: StoreFs, directory: string, need: number): Promise<void> {
  const { blocks, bavail, bsize } = await onDisk(directory, async () => fs.statfs(directory))
  const have = bavail * bsize
  if (blocks > 0 && have < need) {
    throw new NotEnoughSpaceError(directory, need, have)
  }
}

/** Bytes that are wanted and not held yet. */
export function missingBytes(map: LeafMap, store: Pick<DownloadStore, 'wants' | 'has'>): number {
  let bytes = 0
  for (let leaf = 0; leaf < map.leafCount; leaf++) {
    bytes += store.wants(leaf) && !store.has(leaf) ? map.leafBytes(leaf) : 0
  }
  return bytes
}

/**
 * @packageDocumentation
 *
 * What `@p2pshare/transfer` keeps on the disk, alone: without a node or a stream, over any file system that is handed in.
 * For those who study it or put it under stress; `npm run torture` of the repository does so with power cuts and faults.
 */
export { DiskError } from './errors.ts'
export { importShare } from './import/import-share.ts'
export type { ImportedShare } from './import/import-share.ts'
export { PROFILES } from './import/profile.ts'
export { verifyLeaf } from './leaf-block.ts'
export type { LeafMap } from './leaf-map.ts'
export { compareTarget } from './store/compare-target.ts'
export { openDownloadStore } from './store/download-store.ts'
export type { DownloadStore } from './store/download-store.ts'
export { nodeFs } from './store/fs.ts'
export type { StoreFs } from './store/fs.ts'
export { memoryNodeStore } from './store/memory-node-store.ts'
export { openNodeStore } from './store/node-file.ts'
export type { NodeStore } from './store/node-store.ts'
export { mayPass, retryDelayMs } from './store/patience.ts'
export { discardPartial, partialPath, partialPaths } from './store/partial.ts'
export { openShareRegistry } from './store/registry.ts'
export type { ShareRecord } from './store/registry.ts'
export { openSeedStore } from './store/seed-store.ts'

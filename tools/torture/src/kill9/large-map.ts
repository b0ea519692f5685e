import { createHash } from 'node:crypto'
import type { LeafMap } from '@p2pshare/transfer/store'
import { CID } from 'multiformats/cid'

const MIB = 1024 * 1024

/** A file of so many leaves of 1 MiB of zeros, which take no room on a disk that knows holes. */
export function largeMap(leaves: number): LeafMap {
  const digest = createHash('sha256').update(new Uint8Array(MIB)).digest()
  const root = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  return {
    root,
    kind: 'file',
    leafCount: leaves,
    totalBytes: leaves * MIB,
    files: [{ path: '', bytes: leaves * MIB, firstLeaf: 0, leafCount: leaves }],
    directories: [],
    symlinks: [],
    nodeCount: 1,
    nodeBytes: 1,
    leafBytes: () => MIB,
    cid: () => root,
    digest: () => digest,
    wrap: () => 'raw',
    position: (index) => ({ file: 0, offset: index * MIB }),
    canonical: (index) => index,
    twins: (index) => [index],
    find: () => undefined
  }
}

import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { NodeNotFoundError, SealedLeafError, UnsupportedDagError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import type { DownloadStore } from '../store/download-store.ts'
import type { NodeStore } from '../store/node-store.ts'
import type { View } from '../view.ts'
import { MANIFEST_NAME, MAX_MANIFEST_BYTES, TAG_BYTES } from './constants.ts'
import { PrivateLayout } from './layout.ts'
import type { LeafCipher } from './leaf-cipher.ts'
import { decodeManifest } from './manifest.ts'
import { SealedStore, verifySealed } from './sealed-store.ts'
import type { ShareSecret } from './secret.ts'

/**
 * A private share through its key: real names and sizes, and stores that seal and open.
 *
 * @param nodes - with the leaves of the manifest, which are fetched as nodes.
 * @throws SealedLeafError when the key does not open it; what `decodeManifest` and `PrivateLayout` throw.
 */
export async function privateView(
  map: LeafMap,
  nodes: Pick<NodeStore, 'get'>,
  secret: ShareSecret,
  options: AbortOptions = {}
): Promise<View> {
  const manifest = await manifestLeaves(map, nodes, options)
  const layout = new PrivateLayout(map, decodeManifest(openManifest(map.root, manifest, secret.cipher())))
  return sealedView({ map, layout, manifest, secret })
}

/** What a private share is, for those who have it open. */
export interface PrivateParts {
  /** The DAG that others see. */
  readonly map: LeafMap
  readonly layout: PrivateLayout
  /** Sealed leaves of the manifest. */
  readonly manifest: readonly Uint8Array[]
  readonly secret: ShareSecret
}

/** The same without opening anything. */
export function sealedView({ map, layout, manifest, secret }: PrivateParts): View {
  const cipher = secret.cipher()
  const parts = { map, layout, cipher, manifest }
  return {
    layout,
    kept: manifest.map((_, at) => map.cid(layout.leafCount + at)),
    secret,
    verify: (index, data) => verifySealed(layout, cipher, index, data),
    download: (inner) => new SealedDownload({ ...parts, inner }),
    serve: (inner) => new SealedStore({ ...parts, inner }),
    plain: (index, sealed) => cipher.open(layout.place(index), sealed)
  }
}

/** A download whose leaves are opened on their way to the disk. */
class SealedDownload extends SealedStore<DownloadStore> implements DownloadStore {
  wants(index: number): boolean {
    return index < this.plain.leafCount && this.inner.wants(index)
  }

  select(files: ReadonlySet<number> | undefined): void {
    this.inner.select(files)
  }

  add(leaves: Iterable<number>): void {
    this.inner.add([...leaves].filter((leaf) => leaf < this.plain.leafCount))
  }

  get fingerprints(): DownloadStore['fingerprints'] {
    return this.inner.fingerprints
  }

  async checkpoint(options: AbortOptions = {}): Promise<void> {
    await this.inner.checkpoint(options)
  }
}

async function manifestLeaves(
  map: LeafMap,
  nodes: Pick<NodeStore, 'get'>,
  options: AbortOptions
): Promise<Uint8Array[]> {
  const file = map.files.find(({ path }) => path === MANIFEST_NAME)
  if (file === undefined || file.bytes > MAX_MANIFEST_BYTES + file.leafCount * TAG_BYTES) {
    throw new UnsupportedDagError('not a private share: it has no manifest, or one that is too large', map.root)
  }
  const leaves: Uint8Array[] = []
  for (let leaf = file.firstLeaf; leaf < file.firstLeaf + file.leafCount; leaf++) {
    const block = await nodes.get(map.cid(leaf), options)
    if (block === undefined) {
      throw new NodeNotFoundError(map.cid(leaf))
    }
    leaves.push(block)
  }
  return leaves
}

function openManifest(root: CID, leaves: readonly Uint8Array[], cipher: LeafCipher): Uint8Array {
  const parts = leaves.map((sealed, leaf) => {
    const data = cipher.open({ part: 'manifest', file: 0, leaf }, sealed)
    if (data === undefined) {
      throw new SealedLeafError(root)
    }
    return data
  })
  return Buffer.concat(parts)
}

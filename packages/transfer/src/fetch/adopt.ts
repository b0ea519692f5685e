import type { AbortOptions } from '@libp2p/interface'
import type { BlobStore } from '@p2pshare/interface'
import { compareTarget } from '../store/compare-target.ts'
import { createFingerprints } from '../store/fingerprint.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { openSeedStore } from '../store/seed-store.ts'
import type { View } from '../view.ts'

/** Content that was at the target before it was fetched. */
export interface Adopted {
  /** Serves it as peers exchange it. */
  readonly store: BlobStore
  readonly fingerprints: Fingerprints
}

/**
 * What is at the target, if it is exactly what is wanted: `absent` when nothing is there, `different` for anything else,
 * which is never touched.
 *
 * @param files - indices of the files that are wanted; `undefined`: all.
 */
export async function adoptTarget(
  view: View,
  target: string,
  files: ReadonlySet<number> | undefined,
  options: AbortOptions
): Promise<Adopted | 'absent' | 'different'> {
  const { layout } = view
  const fingerprints = createFingerprints(layout.files.length)
  const chosen = { fingerprints, ...(files === undefined ? {} : { files }) }
  const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
  const found = await compareTarget(layout, target, verify, { ...chosen, ...options })
  return found === 'absent' || found === 'different'
    ? found
    : { store: view.serve(await openSeedStore(layout, target, chosen)), fingerprints }
}

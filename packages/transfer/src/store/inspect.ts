import type { Stats } from 'node:fs'
import type { LeafMap } from '../leaf-map.ts'
import type { Bitfield } from '../swarm/bitfield.ts'
import { collectFingerprints, hasFingerprint, recordFingerprint } from './fingerprint.ts'
import type { Fingerprints } from './fingerprint.ts'
import type { StoreFs } from './fs.ts'
import { readBack } from './recover.ts'
import type { LeafVerifier } from './recover.ts'

/** What `inspectContent` needs. */
export interface InspectInit {
  readonly fs: StoreFs
  readonly verify: LeafVerifier
  /** Indices of the wanted files; `undefined`: all. */
  readonly files: ReadonlySet<number> | undefined
  readonly held: Bitfield
  /** Files that have to be read back whatever they look like. */
  readonly suspects: ReadonlySet<number>
  /** Open a file again, which makes it and gives it its size if need be, and look at it. */
  readonly reopen: (file: number) => Promise<Stats>
}

/** What finished content looks like. */
export interface Inspection {
  readonly fingerprints: Fingerprints
  /** Leaves that are held but not there, or not right. */
  readonly wrong: readonly number[]
}

/**
 * Look at every wanted file before it gets its final name: somebody may have touched it, or writing it back may have
 * failed. Files of the right size are believed, others are read back.
 */
export async function inspectContent(map: LeafMap, root: string, init: InspectInit): Promise<Inspection> {
  const { fs, verify, files, held } = init
  const fingerprints = await collectFingerprints(map, root, { fs, ...(files && { files }) })
  const suspects = new Set(init.suspects)
  for (const file of files ?? map.files.keys()) {
    if (!hasFingerprint(fingerprints, file)) {
      suspects.add(file)
    }
  }
  const wrong: number[] = []
  for (const file of suspects) {
    recordFingerprint(fingerprints, file, await init.reopen(file))
    const { firstLeaf = 0, leafCount = 0 } = map.files[file] ?? {}
    const leaves: number[] = []
    for (let index = firstLeaf; index < firstLeaf + leafCount; index++) {
      if (held.has(index)) {
        leaves.push(index)
      }
    }
    const right = await readBack(map, root, leaves, { fs, verify })
    for (const index of leaves) {
      if (!right.has(index)) {
        wrong.push(index)
      }
    }
  }
  return { fingerprints, wrong }
}

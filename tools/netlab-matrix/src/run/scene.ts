import { randomFillSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildLab } from '@p2pshare/netlab'
import type { BuildOptions, Lab } from '@p2pshare/netlab'
import type { Pair } from '../pairs.ts'
import { startRelay } from './relay.ts'
import type { RelayNode } from './relay.ts'
import { forgetAll } from './routers.ts'

/** Moved in every run of the real programs. */
export const SHARED_BYTES = 2 * 1024 * 1024

/** A lab with a file to share. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab
  readonly file: string
  /** For one run: routers that know nothing, a relay that has met nobody, and a directory nobody has written to. */
  fresh(): Promise<FreshGround>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a run begins with. Disposing of it ends the relay. */
export interface FreshGround extends AsyncDisposable {
  readonly relay: RelayNode
  readonly directory: string
}

/**
 * Build it; disposing of it ends everything in it.
 *
 * @throws MissingToolsError, NoNamespacesError where there can be no lab
 */
export async function setScene(
  { a, b }: Pair,
  lossPercent = 0,
  { name = `matrix-${process.pid}`, ...options }: BuildOptions & { readonly name?: string } = {}
): Promise<Scene> {
  const lab = await buildLab({ name, a, b, lossPercent }, options)
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-matrix-'))
  const end = async (): Promise<void> => {
    await lab.down()
    await rm(directory, { recursive: true, force: true })
  }
  let ended: Promise<void> | undefined
  // a signal may come while the block ends
  const close = async (): Promise<void> => (ended ??= end())
  try {
    const file = join(directory, 'shared.bin')
    await writeFile(file, randomFillSync(Buffer.alloc(SHARED_BYTES)))
    let runs = 0
    return {
      lab,
      file,
      fresh: async () => {
        await forgetAll(lab)
        const own = join(directory, `run-${runs++}`)
        await mkdir(own)
        // one that ran before tells everybody of the nodes of other runs, which have gone
        const relay = await startRelay(lab, own)
        return { relay, directory: own, [Symbol.asyncDispose]: async () => relay.program.stop() }
      },
      [Symbol.asyncDispose]: close
    }
  } catch (error) {
    await close()
    throw error
  }
}

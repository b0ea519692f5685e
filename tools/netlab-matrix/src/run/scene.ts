import { randomFillSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildLab } from '@p2pshare/netlab'
import type { BuildOptions, Lab } from '@p2pshare/netlab'
import type { Pair } from '../pairs.ts'
import { startRelay } from './relay.ts'
import type { RelayNode } from './relay.ts'

/** Moved in every run of the real programs. */
export const SHARED_BYTES = 2 * 1024 * 1024

/** A lab with its relay node, a file to share, and a directory for what its runs leave. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab
  readonly relay: RelayNode
  readonly file: string
  /** Routers that know nothing, and a directory nobody has written to. */
  fresh(): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Build it; disposing of it ends everything in it.
 *
 * @throws MissingToolsError, NoNamespacesError where there can be no lab
 */
export async function setScene({ a, b }: Pair, lossPercent = 0, options: BuildOptions = {}): Promise<Scene> {
  const lab = await buildLab({ name: `matrix-${process.pid}`, a, b, lossPercent }, options)
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
    const relay = await startRelay(lab, directory)
    let runs = 0
    return {
      lab,
      relay,
      file,
      fresh: async () => {
        for (const side of sidesWithRouter(lab)) {
          await lab.restartRouter(side)
        }
        const own = join(directory, `run-${runs++}`)
        await mkdir(own)
        return own
      },
      [Symbol.asyncDispose]: close
    }
  } catch (error) {
    await close()
    throw error
  }
}

function sidesWithRouter(lab: Lab): string[] {
  return [lab.hosts.a, lab.hosts.b]
    .filter(({ router, type }) => router !== undefined && type !== 'lan')
    .map(({ name }) => name)
}

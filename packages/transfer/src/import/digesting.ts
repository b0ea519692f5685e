import { checkWorkers } from '../options.ts'
import type { DigestJob } from '../worker/leaf-job.ts'
import { LeafWorkers } from '../worker/leaf-workers.ts'

/** Who hashes: the workers of the node, or whoever does it for them. */
export interface Digester {
  /** SHA-256 of each job's block, in order; bytes must not change until then. */
  digest(jobs: readonly DigestJob[]): Promise<Uint8Array[]>
}

/**
 * Have an import done with threads of its own, which are gone when it is; without a number, with those of the node when
 * it has some.
 *
 * @throws InvalidOptionError for a number that cannot work.
 */
export async function withDigester<T>(
  { workers, shared }: { readonly workers?: number | undefined; readonly shared?: Digester | undefined },
  action: (digester: Digester) => Promise<T>
): Promise<T> {
  checkWorkers(workers)
  if (workers === undefined && shared !== undefined) {
    return action(shared)
  }
  const own = new LeafWorkers(workers === undefined ? {} : { workers })
  try {
    return await action(own)
  } finally {
    await own.close()
  }
}

import type { LeafPlace } from '@p2pshare/interface'

/** Where a store writes: an open file, and an offset in it. */
export type WriteAt = (handle: { readonly fd: number }, position: number) => Promise<void>

/**
 * Let somebody else do the writing of a store. `keep` is what the store does around it: it calls the function that it is
 * given where it would write, waits for it, and does the rest. `undefined`: it did not call it.
 */
export async function lendPlace(keep: (write: WriteAt) => Promise<void>): Promise<LeafPlace | undefined> {
  const { promise: opened, resolve, reject } = Promise.withResolvers<LeafPlace | undefined>()
  const written = Promise.withResolvers<undefined>()
  const kept = keep(async ({ fd }, position) => {
    resolve({
      fd,
      position,
      done: async () => {
        written.resolve(undefined)
        return kept
      },
      failed: async (error) => {
        written.reject(error)
        await kept.catch((failure: unknown) => {
          if (error !== undefined) {
            throw failure
          }
        })
      }
    })
    await written.promise
  })
  kept.then(() => {
    resolve(undefined)
  }, reject)
  return opened
}

import { asError } from '../as-error.ts'
import { SourceChangedError } from '../errors.ts'
import type { ScrubReport, VerifyOptions, VerifyReport } from '../types.ts'
import { isFetching } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Library } from './library.ts'
import { Scrubber } from './scrubber.ts'
import type { ScrubOutcome, ScrubRun } from './scrubber.ts'
import type { SeedFaults } from './seed-faults.ts'

/** What a pass needs of the shares of a node. */
export interface ScrubSharesInit {
  entries(): Iterable<Entry>
  readonly library: Pick<Library, 'loadScrub' | 'saveScrub'>
  readonly faults: Pick<SeedFaults, 'changed' | 'isChanged'>
  /** Open one, and keep it so until the function is called that this resolves with. */
  hold(entry: Entry): Promise<() => void>
  /** Hash all of one, however its files look. */
  verify(entry: Entry, options: VerifyOptions): Promise<VerifyReport>
}

/** One pass over everything that is complete here. */
export async function scrubShares(init: ScrubSharesInit, options: ScrubRun): Promise<ScrubReport> {
  const { library, faults } = init
  const byRoot = (a: Entry, b: Entry): number => (a.root.toString() < b.root.toString() ? -1 : 1)
  const closed = (entry: Entry): ScrubOutcome => (faults.isChanged(entry) ? 'damaged' : 'gone')
  const scrubber = new Scrubber({
    shares: () => [...init.entries()].filter((entry) => entry.asleep || !isFetching(entry)).sort(byRoot),
    hold: async (entry) => init.hold(entry),
    load: async () => library.loadScrub(),
    save: async (state) => library.saveScrub(state),
    closed,
    damaged: (entry, files) => {
      faults.changed(entry, files)
    },
    unreadable: async (entry, error, { signal }) => {
      let said = error
      if (error instanceof SourceChangedError) {
        try {
          const { damaged } = await init.verify(entry, { ...(signal && { signal }) })
          return damaged.length === 0 ? 'right' : closed(entry)
        } catch (refusal) {
          signal?.throwIfAborted()
          said = refusal
        }
      }
      entry.events.failed(asError(said))
      return entry.abort.signal.aborted ? closed(entry) : 'unreadable'
    }
  })
  return scrubber.pass(options)
}

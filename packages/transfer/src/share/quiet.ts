/** Transfers are looked at again after this long. */
export const QUIET_LOOK_MS = 1000

/** A scrub never waits longer for one leaf: a node that is always busy reads a gigabyte a day all the same. */
export const MAX_QUIET_WAIT_MS = 60 * 1000

/** What transfers do to the disk that a scrub reads. */
export interface Activity {
  /** Bytes that were sent, of all shares. */
  readonly sent: number
  /** Downloads that are under way. */
  readonly downloads: number
}

/** Whether transfers left the disk alone since it was looked at last. */
export class Quiet {
  #sent = 0

  look({ sent, downloads }: Activity): boolean {
    const isQuiet = sent === this.#sent && downloads === 0
    this.#sent = sent
    return isQuiet
  }
}

/**
 * Wait until transfers leave the disk alone, or `MAX_QUIET_WAIT_MS` are over.
 *
 * @param sleep - rejects when nobody waits any more.
 */
export async function whenQuiet(
  quiet: Quiet,
  activity: () => Activity,
  sleep: (ms: number) => Promise<void>
): Promise<void> {
  for (let waited = 0; !quiet.look(activity()) && waited < MAX_QUIET_WAIT_MS; waited += QUIET_LOOK_MS) {
    await sleep(QUIET_LOOK_MS)
  }
}

/** What a program of bench:import is told. */
export interface ImportJob {
  readonly path: string
  readonly bytes: number
  readonly workers: number
}

/** What it says with `DONE`. */
export interface ImportReport {
  /** Root CID, where there is one. */
  readonly root?: string
}

/** What a program of bench:small is told. */
export interface SmallJob {
  readonly role: 'seed' | 'leech'
  /** Directory of the blobs: `files` of them, named by their number. */
  readonly blobs: string
  readonly files: number
  /** `<number>.torrent` for each blob. */
  readonly torrents: string
  /** An empty directory. */
  readonly state: string
}

/** Milliseconds of every request, by what was asked how. */
export type SmallReport = Readonly<Record<string, readonly number[]>>

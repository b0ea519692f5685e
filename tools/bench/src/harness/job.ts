/** What a peer program is told, as its only argument (JSON). */
export interface Job {
  readonly role: 'seed' | 'leech'
  /** File to serve, or to write. */
  readonly path: string
  readonly bytes: number
  /** Size of the units that are verified, where the program can be told. */
  readonly leafBytes: number
  /** An empty directory for what the program keeps beside the file. */
  readonly state: string
  /** Torrent of the file. */
  readonly torrent: string
  readonly uploadBytesPerSecond?: number
}

/** What a leecher is told when it is to begin: what `READY` of the others said. */
export interface Others {
  readonly seeders: readonly string[]
  /** Leechers that come after this one; those before have it in their list. */
  readonly leechers: readonly string[]
}

/** What a leecher says about itself with `DONE`. */
export interface LeechReport {
  /** Content bytes that arrived, wasted ones included, where the program counts them. */
  readonly bytesReceived?: number
}

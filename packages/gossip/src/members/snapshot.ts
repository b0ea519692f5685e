import type { Logger } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import type { Datastore } from 'interface-datastore'
import { MAX_CLAIM_BYTES, MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_CLAIMS } from '../wire/limits.ts'
import { Snapshot } from '../wire/membership.ts'

/** What a node keeps for its next life. */
export interface StoredMembership {
  /** The highest it ever had. */
  readonly incarnation: number
  /** Of members to find the others by. */
  readonly claims: readonly Uint8Array[]
}

const NOTHING: StoredMembership = { incarnation: 0, claims: [] }

/** One entry of the node's datastore. What is wrong there costs the memory of others, never the start. */
export class SnapshotStore {
  readonly #datastore: Pick<Datastore, 'get' | 'put'>
  readonly #key: Key
  readonly #log: Logger

  constructor(datastore: Pick<Datastore, 'get' | 'put'>, network: string, log: Logger) {
    this.#datastore = datastore
    this.#key = new Key(`/p2pshare/membership/${encodeURIComponent(network)}`)
    this.#log = log
  }

  async load(): Promise<StoredMembership> {
    try {
      const bytes = await this.#datastore.get(this.#key)
      if (bytes.byteLength > MAX_SNAPSHOT_BYTES) {
        return NOTHING
      }
      const { incarnation, claims } = Snapshot.decode(bytes, { limits: { claims: MAX_SNAPSHOT_CLAIMS } })
      return Number.isSafeInteger(incarnation)
        ? { incarnation, claims: claims.filter(({ byteLength }) => byteLength <= MAX_CLAIM_BYTES) }
        : NOTHING
    } catch (error) {
      if (!(error instanceof Error && error.name === 'NotFoundError')) {
        this.#log.error('the snapshot of the membership cannot be read - %e', error)
      }
      return NOTHING
    }
  }

  /** Never rejects: a full disk must not end a membership. */
  async save({ incarnation, claims }: StoredMembership): Promise<void> {
    const kept: Uint8Array<ArrayBuffer>[] = []
    let bytes = 16
    for (const claim of claims.slice(0, MAX_SNAPSHOT_CLAIMS)) {
      bytes += claim.byteLength + 4
      if (bytes > MAX_SNAPSHOT_BYTES) {
        break
      }
      kept.push(Uint8Array.from(claim))
    }
    try {
      await this.#datastore.put(this.#key, Snapshot.encode({ incarnation, claims: kept }))
    } catch (error) {
      this.#log.error('the snapshot of the membership cannot be written - %e', error)
    }
  }
}

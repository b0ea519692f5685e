import { rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { PrivateKey } from '@libp2p/interface'
import { LevelDatastore } from 'datastore-level'
import type { Datastore } from 'interface-datastore'
import { DataDirectoryError } from './errors.ts'
import { acquireLock } from './home-lock.ts'
import { loadOrCreateIdentity } from './identity.ts'
import { makeDirectory } from './make-directory.ts'
import { errnoOf } from './system-error.ts'
import type { Notice } from './types.ts'

/**
 * What a node keeps between runs:
 *
 * ```
 * <home>/identity.key   private key, 0600
 * <home>/lock           the process that has the identity and the datastore
 * <home>/datastore/     what libp2p and the DHT remember (LevelDB)
 * <home>/shares/        state of shares and downloads, keys of private ones (0600), used by every process of this home
 * ```
 */
export interface DataDirectory {
  readonly path: string
  /** Where transfer keeps its state. */
  readonly sharesDirectory: string
  /** Absent when another process has them: then the node is a new peer each time, and remembers nothing but shares. */
  readonly owned?: { readonly privateKey: PrivateKey; readonly datastore: Datastore }
  readonly notices: readonly Notice[]
  close(): Promise<void>
}

/**
 * Open a data directory, and create it if need be. A second process on the same directory works too, without identity
 * and datastore, and says so in `notices`.
 *
 * @throws DataDirectoryError, and what `loadOrCreateIdentity` throws
 */
export async function openDataDirectory(home: string): Promise<DataDirectory> {
  const path = resolve(home)
  try {
    return await open(path)
  } catch (cause) {
    const errno = errnoOf(cause)
    throw errno === undefined ? cause : new DataDirectoryError(path, errno, { cause })
  }
}

async function open(path: string): Promise<DataDirectory> {
  const sharesDirectory = join(path, 'shares')
  await makeDirectory(path)
  await makeDirectory(sharesDirectory)
  const lock = await acquireLock(join(path, 'lock'))
  if (lock.type === 'busy') {
    return { path, sharesDirectory, notices: [inUse(path, lock.holder)], close: async () => undefined }
  }
  try {
    const opened = await openOwned(path)
    if (opened === undefined) {
      // another process, whatever our own lock says
      await lock.release()
      return { path, sharesDirectory, notices: [inUse(path, undefined)], close: async () => undefined }
    }
    const { datastore, privateKey, notices } = opened
    const close = async (): Promise<void> => {
      await datastore.close()
      await lock.release()
    }
    return { path, sharesDirectory, owned: { datastore, privateKey }, notices, close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Owned {
  readonly datastore: LevelDatastore
  readonly privateKey: PrivateKey
  readonly notices: readonly Notice[]
}

/** `undefined`: the database is locked. */
async function openOwned(home: string): Promise<Owned | undefined> {
  const path = join(home, 'datastore')
  const notices: Notice[] = []
  // while the database opens: each waits for the disk a few times
  const identity = loadOrCreateIdentity(join(home, 'identity.key'))
  // reported below, if the database does not fail before
  identity.catch(() => undefined)
  let datastore = await openDatastore(path)
  if (datastore === 'damaged') {
    // nothing in it is precious: addresses of peers, and records that others ask for again
    const aside = `${path}.damaged-${Date.now()}`
    await rename(path, aside)
    notices.push({
      code: 'datastore-reset',
      message: `the database was damaged: it is ${aside} now, and a new one is used`
    })
    datastore = await openDatastore(path)
  }
  if (datastore === 'locked') {
    return undefined
  }
  if (datastore === 'damaged') {
    throw new DataDirectoryError(path, 'LEVEL_CORRUPTION')
  }
  try {
    return { datastore, privateKey: await identity, notices }
  } catch (error) {
    await datastore.close()
    throw error
  }
}

async function openDatastore(path: string): Promise<LevelDatastore | 'locked' | 'damaged'> {
  const datastore = new LevelDatastore(path)
  try {
    // datastore.open() does the same but drops the reason
    await datastore.db.open({ createIfMissing: true, compression: false })
    return datastore
  } catch (error) {
    const code = levelCode(error)
    if (code === 'LEVEL_LOCKED') {
      return 'locked'
    }
    if (code === 'LEVEL_CORRUPTION') {
      return 'damaged'
    }
    throw new DataDirectoryError(path, code, { cause: error })
  }
}

function levelCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'LEVEL_DATABASE_NOT_OPEN'
}

function inUse(path: string, holder: number | undefined): Notice {
  const who = holder === undefined ? 'another process' : `process ${holder}`
  return { code: 'home-in-use', message: `${who} uses ${path}: this one is a peer of its own until it ends` }
}

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inTemporaryDirectory, PAYLOAD, touchMemory, writeRandom } from './files.ts'
import type { Job } from './job.ts'
import { MemoryReserve } from './memory-reserve.ts'
import type { Peer } from './peers.ts'
import { writeTorrent } from './torrent.ts'
import { Tracker } from './tracker.ts'

/** Memory is touched for the source and so many copies of it at most; more would not stay in memory anyway. */
const TOUCH_COPIES = 2

export interface SettingInit {
  readonly bytes: number
  readonly leafBytes: number
}

/** A random file, its torrents, and directories for the processes of a run. */
export interface Setting extends SettingInit {
  readonly source: string
  readonly tracker: Tracker
  /** The job of a process that serves the file. */
  seed(peer: Peer, more?: Partial<Job>): Promise<Job>
  /** The job of a process that fetches it into a directory of its own. */
  leech(peer: Peer, more?: Partial<Job>): Promise<Job>
  /** Holds memory for one copy until `clear()`; to be called right before the clock runs. */
  reserve(): Promise<void>
  /** Removes what the processes of a run left. */
  clear(): Promise<void>
}

/** Prepares everything that a run needs, and removes it in the end. */
export async function inSetting<T>(init: SettingInit, use: (setting: Setting) => Promise<T>): Promise<T> {
  return inTemporaryDirectory(async (directory) => {
    const tracker = await Tracker.start()
    try {
      return await use(await prepare(init, directory, tracker))
    } finally {
      tracker.close()
    }
  })
}

async function prepare({ bytes, leafBytes }: SettingInit, directory: string, tracker: Tracker): Promise<Setting> {
  const [source, runs] = [join(directory, PAYLOAD), join(directory, 'runs')]
  await touchMemory(directory, TOUCH_COPIES * bytes)
  await writeRandom(source, bytes)
  const torrents = { plain: join(directory, 'plain.torrent'), tracked: join(directory, 'tracked.torrent') }
  await writeTorrent(source, torrents.plain, leafBytes)
  await writeTorrent(source, torrents.tracked, leafBytes, tracker.url)

  const reserve = new MemoryReserve(directory)
  let processes = 0
  const job = async (role: Job['role'], peer: Peer, more: Partial<Job> = {}): Promise<Job> => {
    const own = join(runs, String(processes++))
    const state = join(own, 'state')
    await mkdir(state, { recursive: true })
    const path = role === 'seed' ? source : join(own, PAYLOAD)
    const torrent = peer.tracker === true ? torrents.tracked : torrents.plain
    return { role, path, bytes, leafBytes, state, torrent, ...more }
  }
  return {
    bytes,
    leafBytes,
    source,
    tracker,
    seed: async (peer, more) => job('seed', peer, more),
    leech: async (peer, more) => job('leech', peer, more),
    reserve: async () => reserve.hold(bytes),
    clear: async () => {
      tracker.forget()
      await reserve.clear()
      await rm(runs, { recursive: true, force: true })
    }
  }
}

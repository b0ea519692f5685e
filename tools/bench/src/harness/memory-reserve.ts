import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'

const MIB = 1024 * 1024
const PIECE_BYTES = 32 * MIB
/** Freed ahead of what is being written. */
const AHEAD_BYTES = 128 * MIB
const LOOK_MS = 10
/** Holding more than this share of the free memory would push other pages out. */
const MOST_SHARE = 0.6

/**
 * Memory at hand for one transfer. A virtual machine may give free memory back to its host within two seconds (free page
 * reporting), and what is written then costs five times the CPU; a program that takes longer than that would pay for the
 * machine. So as much as a copy needs is held in the page cache, and freed little by little as the copy grows.
 */
export class MemoryReserve {
  readonly #directory: string
  readonly #pieces: string[] = []
  #timer: NodeJS.Timeout | undefined
  #looking = Promise.resolve()

  constructor(directory: string) {
    this.#directory = join(directory, 'reserve')
  }

  /** Holds memory for `bytes`, as far as there is so much; from here on it is freed as the page cache grows. */
  async hold(bytes: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    const block = Buffer.alloc(PIECE_BYTES, 1)
    const most = Math.min(bytes + AHEAD_BYTES, freemem() * MOST_SHARE)
    for (let held = 0; held < most; held += PIECE_BYTES) {
      const path = join(this.#directory, String(this.#pieces.length))
      const file = await open(path, 'w')
      await file.write(block)
      await file.close()
      this.#pieces.push(path)
    }
    const before = await cachedBytes()
    let freed = 0
    const look = async (): Promise<void> => {
      const grown = (await cachedBytes()) - before + freed
      for (let path = this.#pieces[0]; path !== undefined && freed < grown + AHEAD_BYTES; path = this.#pieces[0]) {
        this.#pieces.shift()
        await rm(path, { force: true })
        freed += PIECE_BYTES
      }
    }
    await look()
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(look)
    }, LOOK_MS)
  }

  async clear(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
    this.#pieces.length = 0
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function cachedBytes(): Promise<number> {
  const found = /^Cached:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'latin1'))
  return Number(found?.[1] ?? 0) * 1024
}

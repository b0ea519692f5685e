import { randomFillSync } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAll } from './running.ts'

export const MIB = 1024 * 1024
export const GIB = 1024 * MIB

/** The name of every file that is transferred: BitTorrent programs take it from the torrent. */
export const PAYLOAD = 'payload.bin'

const BLOCK_BYTES = 4 * MIB
/** Touching more than this share of the memory would only push other pages out. */
const TOUCH_SHARE = 0.6

/** Runs `use` with a directory that is removed in the end, whatever happens; what still runs is killed before. */
export async function inTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-bench-'))
  const cleanUp = async (): Promise<void> => {
    await killAll()
    await rm(directory, { recursive: true, force: true })
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    void cleanUp().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await use(directory)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await cleanUp()
  }
}

/**
 * Memory that a virtual machine never used is slow the first time, up to ten times: a file of the size of the test is
 * written and deleted twice before anything is measured.
 */
export async function touchMemory(directory: string, bytes: number): Promise<void> {
  const most = Math.min(bytes, freemem() * TOUCH_SHARE)
  const path = join(directory, 'touch')
  const block = Buffer.alloc(BLOCK_BYTES, 1)
  for (let time = 0; time < 2; time++) {
    const file = await open(path, 'w')
    for (let at = 0; at < most; at += block.byteLength) {
      await file.write(block)
    }
    await file.close()
    await rm(path)
  }
}

export async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  const block = Buffer.allocUnsafe(BLOCK_BYTES)
  for (let at = 0; at < bytes; at += block.byteLength) {
    await file.write(randomFillSync(block.subarray(0, Math.min(block.byteLength, bytes - at))))
  }
  await file.close()
}

/** Compares two files byte by byte; throws where they differ. */
export async function mustBeEqual(source: string, copy: string, who: string): Promise<void> {
  const [a, b] = [await open(source), await open(copy)]
  try {
    const [left, right] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)]
    for (let at = 0; ;) {
      const [read, copied] = await Promise.all([fill(a, left, at), fill(b, right, at)])
      if (read !== copied || left.compare(right, 0, read, 0, read) !== 0) {
        throw new Error(`${who}: the copy differs from the source within ${BLOCK_BYTES} bytes from ${at}`)
      }
      if (read === 0) {
        return
      }
      at += read
    }
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

async function fill(file: FileHandle, block: Buffer, position: number): Promise<number> {
  let at = 0
  while (at < block.byteLength) {
    const { bytesRead } = await file.read(block, at, block.byteLength - at, position + at)
    if (bytesRead === 0) {
      break
    }
    at += bytesRead
  }
  return at
}

import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, utimes } from 'node:fs/promises'

export const MIB = 1024 * 1024

/** Random bytes, so that nothing can be guessed, compressed or found elsewhere. Returns their SHA-256. */
export async function writeRandom(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(4 * MIB)
  for (let at = 0; at < bytes; at += block.byteLength) {
    const part = randomFillSync(block.subarray(0, Math.min(block.byteLength, bytes - at)))
    hash.update(part)
    await file.write(part)
  }
  await file.close()
  return hash.digest('hex')
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}

/** A whole second, which every file system stores exactly. */
const FORGED_TIME = 1_700_000_000

/** Give a file a time that `forge` can restore. */
export async function setForgedTime(path: string): Promise<void> {
  await utimes(path, FORGED_TIME, FORGED_TIME)
}

/** Change one byte in each 64 KiB and hide it: same size, same time, same inode. Its owner serves wrong bytes now. */
export async function forge(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  const byte = Buffer.alloc(1)
  for (let at = 0; at < size; at += 64 * 1024) {
    await file.read(byte, 0, 1, at)
    byte[0] = (byte[0] ?? 0) ^ 0xff
    await file.write(byte, 0, 1, at)
  }
  await file.close()
  await setForgedTime(path)
}

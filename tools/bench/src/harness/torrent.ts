import { hash } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { bencode } from './bencode.ts'

/** Writes a torrent of one file. */
export async function writeTorrent(source: string, path: string, pieceBytes: number, announce?: string): Promise<void> {
  const file = await open(source)
  const { size } = await file.stat()
  const pieces: Buffer[] = []
  const piece = Buffer.allocUnsafe(pieceBytes)
  for (let at = 0; at < size; at += pieceBytes) {
    const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, size - at), at)
    pieces.push(hash('sha1', piece.subarray(0, bytesRead), 'buffer'))
  }
  await file.close()
  const info = { length: size, name: basename(source), 'piece length': pieceBytes, pieces: Buffer.concat(pieces) }
  await writeFile(path, bencode({ ...(announce === undefined ? {} : { announce }), info }))
}

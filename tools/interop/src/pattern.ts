import type { Stream } from '@libp2p/interface'

/**
 * What every peer of the run speaks. Who dials opens a stream and sends two big-endian numbers of 64 bits, how many bytes it
 * sends and how many it wants; then it sends its bytes, and the other side answers with as many as were wanted and closes.
 * Byte i of each direction is (31 i + floor(i / 256)) mod 256, and both check every one.
 */
export const PROTOCOL = '/p2pshare/interop/1.0.0'

const HEADER_BYTES = 16
const CHUNK_BYTES = 64 * 1024
/** Bytes after which the pattern begins again. */
const PERIOD_BYTES = 256 * 256

const PERIOD = Uint8Array.from({ length: PERIOD_BYTES }, (_, i) => 31 * i + (i >> 8))

/** The dialling side of one exchange. */
export async function exchange(stream: Stream, up: number, down: number): Promise<void> {
  const reader = readerOf(stream)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeBigUInt64BE(BigInt(up), 0)
  header.writeBigUInt64BE(BigInt(down), HEADER_BYTES / 2)
  stream.send(header)
  await sendPattern(stream, up)
  await expectPattern(reader, down)
  await stream.close()
}

/** The listening side of one exchange. */
export async function serve(stream: Stream): Promise<void> {
  const reader = readerOf(stream)
  const header = await reader.exactly(HEADER_BYTES)
  await expectPattern(reader, Number(header.readBigUInt64BE(0)))
  await sendPattern(stream, Number(header.readBigUInt64BE(HEADER_BYTES / 2)))
  await stream.close()
}

async function sendPattern(stream: Stream, count: number): Promise<void> {
  for (let sent = 0; sent < count;) {
    const at = sent % PERIOD_BYTES
    const part = PERIOD.subarray(at, at + Math.min(CHUNK_BYTES, PERIOD_BYTES - at, count - sent))
    sent += part.byteLength
    if (!stream.send(part)) {
      await drained(stream)
    }
  }
}

async function expectPattern(reader: Reader, count: number): Promise<void> {
  for (let seen = 0; seen < count;) {
    const part = await reader.some(count - seen)
    for (let i = 0; i < part.byteLength; i++) {
      if (part[i] !== PERIOD[(seen + i) % PERIOD_BYTES]) {
        throw new TypeError(`byte ${seen + i} is wrong`)
      }
    }
    seen += part.byteLength
  }
}

interface Reader {
  /** At least one byte, at most this many. */
  some(most: number): Promise<Buffer>
  exactly(count: number): Promise<Buffer>
}

function readerOf(stream: Stream): Reader {
  const source = stream[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  const some = async (most: number): Promise<Buffer> => {
    if (held.byteLength === 0) {
      const next = await source.next()
      if (next.done === true) {
        throw new TypeError('the stream ended too early')
      }
      held = Buffer.from(next.value.subarray())
    }
    const part = held.subarray(0, most)
    held = held.subarray(part.byteLength)
    return part
  }
  const exactly = async (count: number): Promise<Buffer> => {
    const parts: Buffer[] = []
    for (let got = 0; got < count;) {
      const part = await some(count - got)
      parts.push(part)
      got += part.byteLength
    }
    return Buffer.concat(parts)
  }
  return { some, exactly }
}

async function drained(stream: Stream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.addEventListener(
      'drain',
      () => {
        resolve()
      },
      { once: true }
    )
    stream.addEventListener(
      'close',
      () => {
        reject(new TypeError('the stream ended too early'))
      },
      { once: true }
    )
  })
}

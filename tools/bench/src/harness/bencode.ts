type Bencodable = number | string | Buffer | { readonly [key: string]: Bencodable }

/** The encoding of torrents and trackers. Keys are sorted, as it demands. */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') {
    return Buffer.from(`i${value}e`)
  }
  if (typeof value === 'string' || Buffer.isBuffer(value)) {
    const bytes = Buffer.from(value)
    return Buffer.concat([Buffer.from(`${bytes.byteLength}:`), bytes])
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([
    Buffer.from('d'),
    ...entries.flatMap(([key, item]) => [bencode(key), bencode(item)]),
    Buffer.from('e')
  ])
}

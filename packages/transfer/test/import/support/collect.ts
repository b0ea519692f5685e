/** All that an iterable yields. */
export async function collect<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of source) {
    all.push(item)
  }
  return all
}

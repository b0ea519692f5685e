import { EventStream } from '../lookup/event-stream.ts'

/** What several sources yield, as it comes, until all have ended; the first failure ends it. */
export async function* merge<T>(
  sources: readonly AsyncGenerator<T, void, undefined>[]
): AsyncGenerator<T, void, undefined> {
  const [only] = sources
  if (sources.length === 1 && only !== undefined) {
    yield* only
    return
  }
  const items = new EventStream<T>()
  let failure: { readonly reason: unknown } | undefined
  const reading = Promise.all(
    sources.map(async (source) => {
      for await (const item of source) {
        items.push(item)
      }
    })
  )
    .catch((reason: unknown) => {
      failure = { reason }
    })
    .finally(() => {
      items.end()
    })
  try {
    yield* items
    await reading
    if (failure !== undefined) {
      throw failure.reason
    }
  } finally {
    await Promise.all(sources.map(async (source) => source.return()))
  }
}

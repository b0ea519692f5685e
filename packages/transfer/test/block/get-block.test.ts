import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Provider } from '@p2pshare/interface'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BlockRefusedError } from '../../src/block/block-link.ts'
import { getBlock, HEDGE_MS, MAX_BLOCK_PROVIDERS, MAX_RIVALS, SILENCE_MS } from '../../src/block/get-block.ts'
import type { GetBlockInit } from '../../src/block/get-block.ts'
import { VerificationFailedError } from '../../src/errors.ts'
import { peers, small } from './support/blocks.ts'

const all = await peers(MAX_BLOCK_PROVIDERS + 2)
const [first, second] = all as [PeerId, PeerId]

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

async function* providersOf(ids: readonly PeerId[]): AsyncGenerator<Provider> {
  for (const id of ids) {
    yield { id, multiaddrs: [] }
  }
}

type Ask = (peer: number, options: AbortOptions) => Promise<Uint8Array>

const silent: Ask = async (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new DOMException('stopped', 'AbortError'))
    })
  })
const notHeld: Ask = async () => {
  throw new BlockRefusedError('not-held')
}
const wrong: Ask = async () => {
  throw new VerificationFailedError('wrong')
}
const away: Ask = async () => {
  throw new RangeError('cannot be dialled')
}
const held: Ask = async () => small.bytes

/** Ask peers of whom each behaves as told; `asked` has their numbers in order. */
function get(behaviours: readonly Ask[], init: Partial<GetBlockInit> = {}) {
  const asked: number[] = []
  const block = getBlock({
    cid: small.cid,
    providers: providersOf(all.slice(0, behaviours.length)),
    timeoutMs: 60_000,
    ask: async (provider, options) => {
      const peer = all.indexOf(provider.id)
      asked.push(peer)
      return (behaviours[peer] ?? silent)(peer, options)
    },
    ...init
  })
  block.catch(() => undefined)
  return { asked, block }
}

describe('one block', () => {
  it('comes from the first peer that has it, and nobody else is asked', async () => {
    const { asked, block } = get([held, held])
    expect(await block).toBe(small.bytes)
    expect(asked).toEqual([0])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is the end of the search: no other peer is looked for once it is here', async () => {
    let looked = 0
    async function* providers(): AsyncGenerator<Provider> {
      yield { id: first, multiaddrs: [] }
      looked++
      yield { id: second, multiaddrs: [] }
    }
    const { block } = get([held], { providers: providers() })
    await block
    await vi.advanceTimersByTimeAsync(SILENCE_MS)
    expect(looked).toBe(0)
  })

  it('comes from the next peer at once when one has it not, lies, or cannot be reached', async () => {
    const { asked, block } = get([notHeld, wrong, away, held])
    expect(await block).toBe(small.bytes)
    expect(asked).toEqual([0, 1, 2, 3])
  })

  it('is asked of a second peer when the first is silent for HEDGE_MS, and the first is told to stop', async () => {
    let stopped = false
    const slow: Ask = async (peer, options) => {
      options.signal?.addEventListener('abort', () => {
        stopped = true
      })
      return silent(peer, options)
    }
    const { asked, block } = get([slow, held])
    await vi.advanceTimersByTimeAsync(HEDGE_MS - 1)
    expect(asked).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toEqual([0, 1])
    expect(await block).toBe(small.bytes)
    expect(stopped).toBe(true)
  })

  it('is asked of MAX_RIVALS at the same time, and of no more before one is given up', async () => {
    const { asked, block } = get([silent, silent, silent, silent, held])
    await vi.advanceTimersByTimeAsync(HEDGE_MS * 8)
    expect(asked).toHaveLength(MAX_RIVALS)
    await vi.advanceTimersByTimeAsync(SILENCE_MS)
    expect(await block).toBe(small.bytes)
  })

  it('is asked of a peer that is found late', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    async function* providers(): AsyncGenerator<Provider> {
      yield { id: first, multiaddrs: [] }
      await promise
      yield { id: second, multiaddrs: [] }
    }
    const { asked, block } = get([notHeld, held], { providers: providers() })
    await vi.advanceTimersByTimeAsync(1000)
    resolve(undefined)
    expect(await block).toBe(small.bytes)
    expect(asked).toEqual([0, 1])
  })

  it('is asked of each peer once', async () => {
    const { asked, block } = get([notHeld], { providers: providersOf([first, first, first]) })
    await expect(block).rejects.toThrow()
    expect(asked).toEqual([0])
  })

  it('is asked of MAX_BLOCK_PROVIDERS, and of no more', async () => {
    const { asked, block } = get(Array.from({ length: MAX_BLOCK_PROVIDERS + 1 }, () => notHeld))
    await expect(block).rejects.toMatchObject({ name: 'ContentNotFoundError' })
    expect(asked).toHaveLength(MAX_BLOCK_PROVIDERS)
  })
})

describe('no block', () => {
  it.each([
    ['nobody is known', [], 'ContentNotFoundError'],
    ['nobody has it', [notHeld, notHeld], 'ContentNotFoundError'],
    ['somebody lied', [wrong, notHeld, away], 'VerificationFailedError'],
    ['nobody can be reached', [away, away], 'ProvidersUnreachableError']
  ] as const)('says so when %s', async (_, behaviours, name) => {
    await expect(get(behaviours).block).rejects.toMatchObject({ name })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('says so when everybody is silent', async () => {
    const { block } = get([silent, silent])
    const failing = expect(block).rejects.toMatchObject({ name: 'ProvidersUnreachableError' })
    await vi.advanceTimersByTimeAsync(HEDGE_MS + SILENCE_MS)
    await failing
  })

  it('says so when time is up', async () => {
    const { block } = get([silent], { timeoutMs: 100 })
    const failing = expect(block).rejects.toMatchObject({ name: 'TransferStalledError', afterMs: 100 })
    await vi.advanceTimersByTimeAsync(100)
    await failing
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is the end of the search when it fails', async () => {
    async function* providers(): AsyncGenerator<Provider> {
      throw new RangeError('no routing')
    }
    await expect(get([], { providers: providers() }).block).rejects.toMatchObject({ name: 'ContentNotFoundError' })
  })

  it('is what an abort leaves, before and while it waits', async () => {
    const reason = new Error('enough')
    const before = get([held], { signal: AbortSignal.abort(reason) })
    await expect(before.block).rejects.toBe(reason)
    expect(before.asked).toEqual([])
    const controller = new AbortController()
    const during = get([silent], { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(1)
    controller.abort(reason)
    await expect(during.block).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })
})

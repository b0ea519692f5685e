import { expect, test } from 'vitest'
import { AutoScrub } from '../../src/share/auto-scrub.ts'
import { SCRUB_LOOK_MS, SCRUB_SETTLE_MS, jittered, msUntilScrub } from '../../src/share/scrub-schedule.ts'
import type { ScrubState } from '../../src/store/scrub-state.ts'

const DAY = 24 * 60 * 60 * 1000
const BEGIN = 1_800_000_000_000
const REPORT = { shares: 1, bytes: 2, damaged: 0, unreadable: 0 }

interface World {
  readonly state?: ScrubState
  readonly everyMs?: number
  readonly random?: number
  /** What a pass does; `now` is the virtual clock. @default it ends at once */
  readonly pass?: (signal: AbortSignal) => Promise<typeof REPORT>
  readonly days: number
}

/** A node that runs for some virtual days; when its passes began, and what it said. */
async function live({ state = {}, everyMs = 30 * DAY, random = 0.5, pass, days }: World) {
  const clock = { now: BEGIN }
  const kept = { state }
  const said: string[] = []
  const passes: number[] = []
  const stopping = new AbortController()
  const scrub: AutoScrub = new AutoScrub({
    everyMs,
    now: () => clock.now,
    random: () => random,
    sleep: async (ms, signal) => {
      expect(ms).toBeGreaterThan(0)
      expect(ms).toBeLessThanOrEqual(SCRUB_LOOK_MS)
      clock.now += ms
      if (clock.now > BEGIN + days * DAY) {
        stopping.abort()
      }
      signal.throwIfAborted()
    },
    load: async () => kept.state,
    save: async (next) => {
      kept.state = next
    },
    pass: async (signal) => {
      passes.push(clock.now - BEGIN)
      const report = await (pass?.(signal) ?? REPORT)
      kept.state = { since: clock.now }
      return report
    },
    started: (resumed) => said.push(resumed ? 'resumed' : 'started'),
    done: ({ shares }) => said.push(`done ${shares}`),
    failed: ({ message }) => said.push(`failed ${message}`)
  })
  await scrub.run(stopping.signal)
  return { passes, said, state: kept.state, scrub }
}

test('a node that is new scrubs once a month from then on', async () => {
  const { passes, said, state } = await live({ days: 70 })
  expect(passes.map((ms) => Math.round(ms / DAY))).toEqual([30, 60])
  expect(said).toEqual(['started', 'done 1', 'started', 'done 1'])
  expect(state.since).toBeGreaterThan(BEGIN + 59 * DAY)
})

test('one that was off for long begins when it has settled, and not before', async () => {
  const { passes } = await live({ state: { since: BEGIN - 90 * DAY }, days: 20 })
  expect(passes).toEqual([SCRUB_SETTLE_MS])
})

test('one that lives for minutes reads nothing and notes nothing', async () => {
  const { passes, state } = await live({ state: { since: 1 }, days: (SCRUB_SETTLE_MS - 1) / DAY })
  expect(passes).toEqual([])
  expect(state).toEqual({ since: 1 })
  expect((await live({ days: (SCRUB_SETTLE_MS - 1) / DAY })).state).toEqual({})
})

test('a pass that was interrupted goes on, however short ago the last one ended', async () => {
  const cursor = { seed: 1, root: 'bafy', at: 64 }
  const { passes, said } = await live({ state: { since: BEGIN - DAY, cursor }, days: 2 })
  expect(passes).toEqual([SCRUB_SETTLE_MS])
  expect(said).toEqual(['resumed', 'done 1'])
})

test('chance moves it by a tenth, and not more', async () => {
  expect(jittered(30 * DAY, 0)).toBeCloseTo(27 * DAY)
  expect(jittered(30 * DAY, 0.999_999)).toBeLessThan(33 * DAY)
  const early = await live({ state: { since: BEGIN }, random: 0, days: 40 })
  expect(early.passes.map((ms) => Math.floor(ms / DAY))).toEqual([27])
})

test('a clock that was set back does not put it off by more than one time', () => {
  expect(msUntilScrub({ since: BEGIN + 900 * DAY }, 30 * DAY, BEGIN)).toBe(30 * DAY)
  expect(msUntilScrub({}, 30 * DAY, BEGIN)).toBe(30 * DAY)
})

test('Infinity is never', async () => {
  expect((await live({ state: { since: 1 }, everyMs: Infinity, days: 400 })).passes).toEqual([])
})

test('what fails is said, and tried again an hour later', async () => {
  let left = 2
  const failing = async () => {
    if (left-- > 0) {
      throw new RangeError('the disk is full')
    }
    return REPORT
  }
  const { passes, said } = await live({ state: { since: 1 }, pass: failing, days: 1 })
  expect(passes).toEqual([0, 1, 2].map((hours) => SCRUB_SETTLE_MS + hours * SCRUB_LOOK_MS))
  expect(said.filter((text) => text.startsWith('failed'))).toEqual(Array(2).fill('failed the disk is full'))
})

test('a pass that a user asks for stops the one that runs, and none begins beside it', async () => {
  const reading = Promise.withResolvers<undefined>()
  const order: string[] = []
  const stopping = new AbortController()
  const scrub = new AutoScrub({
    everyMs: DAY,
    now: () => BEGIN,
    random: () => 0.5,
    sleep: async (ms) => {
      if (order.length > 0) {
        // nothing else is to be seen: the node stops
        stopping.abort()
      }
      expect(ms).toBeGreaterThan(0)
      stopping.signal.throwIfAborted()
    },
    load: async () => ({ since: 0 }),
    save: async () => undefined,
    pass: async (signal) => {
      reading.resolve(undefined)
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          order.push('stopped')
          reject(new DOMException('stopped', 'AbortError'))
        })
      })
    },
    started: () => undefined,
    done: () => order.push('done'),
    failed: () => order.push('failed')
  })
  const running = scrub.run(stopping.signal)
  await reading.promise
  expect(await scrub.instead(async () => order.push('asked'))).toBe(2)
  await running
  expect(order).toEqual(['stopped', 'asked'])
})

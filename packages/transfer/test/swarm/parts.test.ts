import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { blockCount, runBytes, toRuns } from '../../src/swarm/block-run.ts'
import { DueQueue } from '../../src/swarm/due-queue.ts'
import { LeafProgress } from '../../src/swarm/leaf-progress.ts'
import { MAX_STEP_MS, SteadyClock } from '../../src/swarm/steady-clock.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { DEFAULT_RTT_MS, MAX_RTT_MS, SwarmPeer } from '../../src/swarm/swarm-peer.ts'
import { UploadRate } from '../../src/swarm/upload-rate.ts'

test('what is due comes out in order, and nothing before its time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 })), fc.nat({ max: 50 }), (times, now) => {
      const queue = new DueQueue<number>()
      times.forEach((at) => {
        queue.push(at, at)
      })
      const out: number[] = []
      for (let due = queue.popDue(now); due !== undefined; due = queue.popDue(now)) {
        out.push(due)
      }
      expect(out).toEqual(times.filter((at) => at <= now).sort((a, b) => a - b))
      expect(queue.nextAt).toBe(Math.min(Infinity, ...times.filter((at) => at > now)))
    })
  )
})

describe('the steady clock', () => {
  test('goes on from where it was after a jump ahead or back', () => {
    const clock = new SteadyClock()
    clock.at(1000)
    expect(clock.at(1500)).toBe(500)
    expect(clock.at(1500 + MAX_STEP_MS)).toBe(500 + MAX_STEP_MS)
    expect(clock.at(1e9)).toBe(500 + 2 * MAX_STEP_MS)
    expect(clock.at(0)).toBe(500 + 2 * MAX_STEP_MS)
    expect(clock.at(250)).toBe(750 + 2 * MAX_STEP_MS)
  })

  test('says when the outside will show a time, after which it has come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 500, noNaN: true })),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (steps, ahead) => {
          const clock = new SteadyClock()
          let now = 1e6 / 3
          let inside = clock.at(now)
          for (const step of steps) {
            now += step
            inside = clock.at(now)
          }
          expect(clock.at(clock.outside(inside + ahead))).toBeGreaterThanOrEqual(inside + ahead)
        }
      )
    )
  })
})

describe('blocks', () => {
  test('the last one may be shorter', () => {
    expect([1, BLOCK_BYTES, BLOCK_BYTES + 1].map(blockCount)).toEqual([1, 1, 2])
    const leaf = { leaf: 0, first: 0, count: 2 }
    expect(runBytes(leaf, BLOCK_BYTES + 100)).toBe(BLOCK_BYTES + 100)
    expect(runBytes({ ...leaf, first: 1, count: 9 }, BLOCK_BYTES + 100)).toBe(100)
    expect(runBytes({ ...leaf, first: 2 }, BLOCK_BYTES + 100)).toBe(0)
  })

  test('runs name each of them once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 127 })), (blocks) => {
        const sorted = blocks.sort((a, b) => a - b)
        const named = toRuns(7, sorted).flatMap(({ first, count }) =>
          Array.from({ length: count }, (_, at) => first + at)
        )
        expect(named).toEqual(sorted)
      })
    )
  })

  test('of a leaf are open, asked of one peer, or here, whatever happens to them', () => {
    const step = fc.record({
      block: fc.nat({ max: 7 }),
      peer: fc.constantFrom('a', 'b'),
      what: fc.constantFrom('ask', 'free', 'steal', 'come')
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const progress = new LeafProgress(0, 8)
        const model = new Map<number, string>()
        const former = new Map<number, string>()
        for (const { block, peer, what } of steps) {
          const state = model.get(block)
          if (what === 'ask' && state === undefined) {
            progress.ask(block, peer)
            model.set(block, peer)
          } else if (what === 'free' && state !== undefined && state !== 'here') {
            progress.free(block)
            model.delete(block)
          } else if (what === 'steal' && state !== undefined && state !== 'here' && state !== peer) {
            progress.reassign(block, peer)
            former.set(block, state)
            model.set(block, peer)
          } else if (what === 'come' && progress.takes(block, peer)) {
            expect(state === peer || former.get(block) === peer).toBe(true)
            progress.arrived(block, peer)
            model.set(block, 'here')
          }
        }
        const here = [...model.values()].filter((state) => state === 'here').length
        expect(progress.open).toBe(8 - model.size)
        expect(progress.isWhole).toBe(here === 8)
        expect(progress.isUntouched).toBe(model.size === 0)
        expect(progress.isIdle).toBe(here === model.size)
        expect(progress.openBlocks()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter((block) => !model.has(block)))
        for (const peer of ['a', 'b']) {
          expect(progress.blocksOf(peer)).toEqual(
            [...model]
              .filter(([, of]) => of === peer)
              .map(([block]) => block)
              .sort()
          )
        }
      })
    )
  })
})

describe('the rate of an uplink', () => {
  test('is unknown until there was enough to do', () => {
    const rate = new UploadRate()
    rate.setBusy(Infinity, 0)
    rate.sent(1_000_000, 10)
    expect(rate.perMs).toBeUndefined()
  })

  test('is that of the time in which something waited, with a margin', () => {
    const rate = new UploadRate()
    for (let now = 0; now < 10_000; now += 1000) {
      rate.setBusy(Infinity, now)
      for (let at = now; at < now + 200; at += 10) {
        rate.sent(10_000, at + 10)
      }
      rate.setBusy(-Infinity, now + 200)
    }
    expect(rate.perMs).toBeCloseTo(1250)
  })

  test('knows nothing of the time after somebody could have been sent something', () => {
    const rate = new UploadRate()
    for (let now = 0; now < 100_000; now += 10_000) {
      rate.setBusy(now + 200, now)
      for (let at = now; at < now + 200; at += 10) {
        rate.sent(10_000, at + 10)
      }
    }
    expect(rate.perMs).toBeCloseTo(1250)
  })
})

describe('the round trip', () => {
  const peer = (): SwarmPeer => new SwarmPeer('a', new Bitfield(1))

  test('is the shortest answer, and grows when all are longer', () => {
    const one = peer()
    expect(one.rttMs).toBe(DEFAULT_RTT_MS)
    for (const sample of [200, 30, 500]) {
      one.sampleRtt(sample)
    }
    expect(one.rttMs).toBeCloseTo(30 * 1.05)
    for (let sample = 0; sample < 100; sample++) {
      one.sampleRtt(90)
    }
    expect(one.rttMs).toBe(90)
  })

  test('is not measured where it is known, and bounded', () => {
    const one = peer()
    one.setRtt(12)
    one.sampleRtt(1)
    expect(one.rttMs).toBe(12)
    one.setRtt(60_000)
    expect(one.rttMs).toBe(MAX_RTT_MS)
  })
})

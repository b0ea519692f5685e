import { expect, test } from 'vitest'
import { MAX_PATIENCE_MS, MAX_RECOVERY_DIALS } from '../../src/paths/constants.ts'
import { NO_PATH, PATH_TUNING } from '../../src/paths/path-state.ts'
import type { LinkLook, PathEffect, PathEvent, PathState, PathTuning } from '../../src/paths/path-state.ts'
import { stepPath } from '../../src/paths/step-path.ts'

/** Drives one state through time and keeps what was asked for. */
class Run {
  state: PathState = NO_PATH
  now = 0
  effects: PathEffect[] = []
  /** Links that answer probes, at once. */
  readonly answering = new Set<string>()
  readonly #tuning: PathTuning

  constructor(tuning: Partial<PathTuning> = {}) {
    this.#tuning = { ...PATH_TUNING, ...tuning }
  }

  send(event: PathEvent): this {
    const { state, effects } = stepPath(this.state, event, this.now, () => 0, this.#tuning)
    this.state = state
    this.effects.push(...effects)
    return this
  }

  /** Half a second at a time; the manager looks more often. */
  pass(ms: number, look: (id: string) => Partial<LinkLook> = () => ({}), stepMs = 500): this {
    for (const end = this.now + ms; this.now < end;) {
      this.now += stepMs
      const looks = this.state.links.map(({ id, bytesIn, bytesOut }) => ({
        ...{ id, busy: false, live: false, bytesIn, bytesOut },
        ...look(id)
      }))
      this.send({ type: 'tick', looks })
      for (const { id, probing } of this.state.links) {
        if (probing && this.answering.has(id)) {
          this.send({ type: 'answered', id, rttMs: 9 })
        }
      }
    }
    return this
  }

  take(type: PathEffect['type']): PathEffect[] {
    const taken = this.effects.filter((effect) => effect.type === type)
    this.effects = this.effects.filter((effect) => effect.type !== type)
    return taken
  }
}

const busy = (): Partial<LinkLook> => ({ busy: true, live: true })

function relayAndDirect(tuning: Partial<PathTuning> = {}): Run {
  return new Run(tuning)
    .send({ type: 'opened', id: 'relay', kind: 'relay' })
    .send({ type: 'opened', id: 'd', kind: 'direct' })
}

test('a direct link takes the place of a relayed one, and one on the same network that of both', () => {
  const run = relayAndDirect()
  expect(run.state.best).toBe('d')
  run.send({ type: 'opened', id: 'lan', kind: 'lan' })
  expect(run.state.best).toBe('lan')
  run.send({ type: 'opened', id: 'relay2', kind: 'relay' })
  expect(run.state.best).toBe('lan')
})

test('of the same kind a link is left only for one with a much shorter round trip', () => {
  const run = new Run().send({ type: 'opened', id: 'a', kind: 'direct', rttMs: 100 })
  run.send({ type: 'opened', id: 'b', kind: 'direct', rttMs: 80 })
  expect(run.state.best).toBe('a')
  run.send({ type: 'answered', id: 'b', rttMs: 69 })
  expect(run.state.best).toBe('b')
})

test('of two that were both used, the one with twice the throughput is taken', () => {
  const run = new Run().send({ type: 'opened', id: 'a', kind: 'direct', rttMs: 10 })
  run.send({ type: 'opened', id: 'b', kind: 'direct', rttMs: 9 })
  const moved = { a: 0, b: 0 }
  run.pass(2_000, (id) => {
    moved[id as 'a'] += id === 'a' ? 1_000_000 : 3_000_000
    return { ...busy(), bytesIn: moved[id as 'a'] }
  })
  expect(run.state.best).toBe('b')
})

test('a drained relay is closed beside a direct link after half a minute, once', () => {
  const run = relayAndDirect().send({ type: 'answered', id: 'd', rttMs: 5 })
  run.pass(29_500)
  expect(run.take('close')).toEqual([])
  run.pass(500)
  expect(run.take('close')).toEqual([{ type: 'close', id: 'relay' }])
  run.pass(60_000)
  expect(run.take('close')).toEqual([])
})

test('a relay with a stream that has to stay is never closed', () => {
  const run = relayAndDirect()
  run.pass(600_000, (id) => {
    run.send({ type: 'answered', id, rttMs: 5 })
    return { live: id === 'relay', busy: id === 'relay' }
  })
  expect(run.take('close')).toEqual([])
  run.pass(29_500)
  expect(run.take('close')).toEqual([])
  run.pass(1_000)
  expect(run.take('close')).toEqual([{ type: 'close', id: 'relay' }])
})

test('a relay that is all there is stays open', () => {
  const run = new Run().send({ type: 'opened', id: 'relay', kind: 'relay' }).pass(120_000)
  expect(run.take('close')).toEqual([])
})

test('a direct link that falls silent while data flows: bytes take the relay after a second, it is cut after three', () => {
  const run = relayAndDirect({ probeIntervalMs: 1_000, missedProbes: 3 })
    .send({ type: 'answered', id: 'd', rttMs: 5 })
    .send({ type: 'answered', id: 'relay', rttMs: 9 })
  run.answering.add('relay')
  run.take('probe')
  const silent = (id: string): Partial<LinkLook> => (id === 'd' ? busy() : {})
  run.pass(500, silent)
  expect(run.take('probe')).toEqual([{ type: 'probe', id: 'd' }])
  expect(run.state.best).toBe('d')
  run.pass(1_000, silent)
  expect(run.state.best).toBe('relay')
  expect(run.take('abort')).toEqual([])
  expect(run.take('punch')).toHaveLength(1)
  run.pass(1_500, silent)
  expect(run.take('abort')).toEqual([])
  run.pass(500, silent)
  expect(run.take('abort')).toEqual([{ type: 'abort', id: 'd' }])
})

test('an answer that is late brings bytes back to the direct link, and nothing is cut', () => {
  const run = relayAndDirect()
  run.answering.add('relay')
  run.pass(2_000, (id) => (id === 'd' ? busy() : {}))
  expect(run.state.best).toBe('relay')
  run.send({ type: 'answered', id: 'd', rttMs: 1_800 })
  expect(run.state.best).toBe('d')
  expect(run.take('abort')).toEqual([])
})

test('a full link whose probe waits behind its bytes is alive as long as they move', () => {
  const run = relayAndDirect()
  let bytesOut = 0
  run.pass(60_000, (id) => (id === 'd' ? { ...busy(), bytesOut: (bytesOut += 10_000) } : {}))
  expect(run.state.best).toBe('d')
})

test('a link whose answers took long before is given more time', () => {
  const run = relayAndDirect().send({ type: 'answered', id: 'd', rttMs: 2_000 })
  run.answering.add('relay')
  const silent = (id: string): Partial<LinkLook> => (id === 'd' ? busy() : {})
  run.pass(6_000, silent)
  expect(run.state.best).toBe('d')
  run.pass(500, silent)
  expect(run.state.best).toBe('relay')
})

test('bytes that leave do not bring a dead link back, bytes that come do', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).pass(10_000, busy)
  expect(run.state.links[0]?.health).toBe('dead')
  run.pass(500, () => ({ ...busy(), bytesOut: 100 }))
  expect(run.state.links[0]?.health).toBe('dead')
  run.pass(500, () => ({ ...busy(), bytesOut: 100, bytesIn: 1 }))
  expect(run.state.links[0]?.health).toBe('well')
})

test('an idle link that does not answer is left to libp2p', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).pass(300_000)
  expect(run.state.links[0]?.health).toBe('well')
  expect(run.take('abort')).toEqual([])
})

test('an idle link is probed every twenty seconds, so that a NAT does not forget it', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' })
  run.pass(20_000)
  expect(run.take('probe')).toHaveLength(1)
  run.send({ type: 'answered', id: 'd', rttMs: 3 }).pass(19_500)
  expect(run.take('probe')).toHaveLength(0)
  run.pass(500)
  expect(run.take('probe')).toHaveLength(1)
})

test('when the network below changes, bytes take the relay at once, and come back with the answer', () => {
  const run = relayAndDirect()
  run.take('probe')
  run.send({ type: 'answered', id: 'd', rttMs: 5 }).send({ type: 'network-changed' })
  expect(run.state.best).toBe('relay')
  expect(run.take('probe')).toEqual([{ type: 'probe', id: 'd' }])
  run.send({ type: 'answered', id: 'd', rttMs: 7 })
  expect(run.state.best).toBe('d')
})

test('a peer that is lost in the middle of a transfer is dialled through a relay, a few times', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).pass(500, busy)
  run.send({ type: 'closed', id: 'd' })
  expect(run.state.best).toBeUndefined()
  expect(run.take('dial-relay')).toHaveLength(1)
  for (let i = 0; i < 10; i += 1) {
    run.send({ type: 'dialled', ok: false }).pass(10_000)
  }
  expect(run.take('dial-relay')).toHaveLength(MAX_RECOVERY_DIALS - 1)
  expect(run.state.recovery).toBeUndefined()
})

test('a peer that goes when nothing is going on is not looked for', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).pass(10_000).send({ type: 'closed', id: 'd' })
  run.pass(10_000)
  expect(run.take('dial-relay')).toEqual([])
})

test('a dead link that is all there is stays until a relay is found, and is cut then', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).pass(5_000, busy)
  expect(run.take('dial-relay').length).toBeGreaterThan(0)
  expect(run.take('abort')).toEqual([])
  run.send({ type: 'opened', id: 'relay', kind: 'relay' })
  expect(run.state.best).toBe('relay')
  run.pass(500, (id) => (id === 'd' ? busy() : {}))
  expect(run.take('abort')).toEqual([{ type: 'abort', id: 'd' }])
})

test('a direct path that was lost is asked for at once, then with pauses that double up to a bound', () => {
  const run = relayAndDirect().send({ type: 'closed', id: 'd' })
  const at: number[] = []
  while (at.length < 12) {
    if (run.take('punch').length > 0) {
      at.push(run.now)
      run.send({ type: 'punched' })
    }
    run.pass(500)
  }
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
  expect(at[0]).toBe(0)
  expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000])
  expect(Math.max(...pauses)).toBe(PATH_TUNING.punchMaxMs)
})

test('a relay that is all there ever was is left to who punches, unless told otherwise', () => {
  const left = new Run().send({ type: 'opened', id: 'relay', kind: 'relay' }).pass(60_000)
  expect(left.take('punch')).toEqual([])
  const told = new Run({ punchUnasked: true }).send({ type: 'opened', id: 'relay', kind: 'relay' })
  expect(told.take('punch')).toHaveLength(1)
})

test('a direct path that lasted is asked for again at once, one that died soon after a pause', () => {
  const run = relayAndDirect().send({ type: 'closed', id: 'd' })
  expect(run.take('punch')).toHaveLength(1)
  run.send({ type: 'punched' }).send({ type: 'opened', id: 'd', kind: 'direct' }).pass(2_000)
  run.send({ type: 'closed', id: 'd' })
  expect(run.take('punch')).toHaveLength(0)
  run.pass(1_000)
  expect(run.take('punch')).toHaveLength(1)
  run.send({ type: 'punched' }).send({ type: 'opened', id: 'd', kind: 'direct' })
  run.pass(PATH_TUNING.stableMs, (id) => (id === 'relay' ? { live: true } : {})).send({ type: 'closed', id: 'd' })
  expect(run.take('punch')).toHaveLength(1)
})

test('a relay that went silent together with the direct link is not fallen back on, one that opens then is', () => {
  const run = relayAndDirect()
    .send({ type: 'answered', id: 'd', rttMs: 80 })
    .send({ type: 'answered', id: 'relay', rttMs: 100 })
  const silent = (id: string): Partial<LinkLook> => (id === 'd' ? busy() : {})
  run.pass(1_500, silent, 100)
  expect(run.state.best).toBe('d')
  expect(run.take('punch')).toEqual([])
  run.send({ type: 'opened', id: 'relay2', kind: 'relay' })
  expect(run.state.best).toBe('relay2')
  expect(run.take('punch')).toHaveLength(1)
})

test('a relay is dialled before the only link counts as silent, and not while it answers', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'direct' }).send({ type: 'answered', id: 'd', rttMs: 80 })
  run.answering.add('d')
  run.pass(5_000, busy, 100)
  expect(run.take('dial-relay')).toEqual([])
  run.answering.delete('d')
  run.pass(300, busy, 100)
  expect(run.take('dial-relay')).toEqual([])
  run.pass(500, busy, 100)
  expect(run.take('dial-relay')).toHaveLength(1)
  expect(run.state.links[0]?.health).toBe('well')
})

test('no relay is dialled where one answers', () => {
  const run = relayAndDirect().send({ type: 'answered', id: 'd', rttMs: 80 })
  run.answering.add('relay')
  run.pass(5_000, (id) => (id === 'd' ? busy() : {}), 100)
  expect(run.state.best).toBe('relay')
  expect(run.take('dial-relay')).toEqual([])
})

test('a session that has nothing to carry costs four probes a second at most, and none of its relay', () => {
  const run = relayAndDirect()
  run.answering.add('relay').add('d')
  run.take('probe')
  run.pass(10_000, (id) => (id === 'd' ? busy() : {}), 100)
  const probes = run.take('probe')
  expect(probes.length).toBeLessThanOrEqual(40)
  expect(probes).not.toContainEqual({ type: 'probe', id: 'relay' })
})

test('a link whose silences were harmless is probed later each time, up to MAX_PATIENCE_MS, and at once after one that was not', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'lan' })
  run.answering.add('d')
  let bytesIn = 0
  const speaking = (): Partial<LinkLook> => ({ ...busy(), bytesIn: (bytesIn += 100) })
  const quiet = (): Partial<LinkLook> => ({ ...busy(), bytesIn })
  const pauseMs = (): number => {
    run.pass(200, speaking, 100)
    run.take('probe')
    const from = run.now
    while (run.effects.every(({ type }) => type !== 'probe')) {
      run.pass(50, quiet, 50)
    }
    return run.now - from
  }
  expect([pauseMs(), pauseMs(), pauseMs(), pauseMs(), pauseMs()]).toEqual([
    50,
    250,
    500,
    MAX_PATIENCE_MS,
    MAX_PATIENCE_MS
  ])
  run.answering.clear()
  pauseMs()
  run.pass(1_000, quiet, 100)
  expect(run.state.links[0]?.health).toBe('suspect')
  run.send({ type: 'answered', id: 'd', rttMs: 9 })
  run.answering.add('d')
  expect(pauseMs()).toBe(50)
})

test('while two peers that transfer say nothing for 20 s, some 20 probes are sent, and not 80', () => {
  const run = new Run().send({ type: 'opened', id: 'd', kind: 'lan' })
  run.answering.add('d')
  run.pass(20_000, busy, 100)
  expect(run.take('probe').length).toBeLessThanOrEqual(23)
})

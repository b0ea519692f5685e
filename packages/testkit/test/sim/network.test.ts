import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import { SimNetwork } from '../../src/sim/network.ts'
import type { Brain, Parcel } from '../../src/sim/network.ts'

const MIB = 1024 * 1024

/** Writes down what happens to it, and sends what it is told to. */
class Recorder implements Brain<string, string> {
  readonly log: string[] = []
  readonly parcels: Array<Parcel<string>> = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  joined(peer: number, rttMs: number): void {
    this.#note(`joined ${peer} (${rttMs})`)
  }

  left(peer: number): void {
    this.#note(`left ${peer}`)
  }

  message(from: number, message: string): void {
    this.#note(`${from} says ${message}`)
  }

  block(from: number, block: string): void {
    this.#note(`${from} sends ${block}`)
  }

  next(canTake: (peer: number) => boolean): Parcel<string> | undefined {
    const at = this.parcels.findIndex(({ to }) => canTake(to))
    return at < 0 ? undefined : this.parcels.splice(at, 1)[0]
  }

  sent({ block }: Parcel<string>): void {
    this.#note(`sent ${block}`)
  }

  wake(): void {
    this.#note('awake')
  }

  #note(event: string): void {
    this.log.push(`${Math.round(this.#now())} ${event}`)
  }
}

/** Two nodes at 1 MiB/s and 40 ms from each other. */
function pair({ down = Infinity, jitterMs = 0 } = {}) {
  const network = new SimNetwork<string, string>({
    random: seededRandom('network'),
    rttMs: () => 40,
    jitterMs
  })
  const [a, b] = [new Recorder(() => network.now), new Recorder(() => network.now)]
  network.add({ upBytesPerSecond: MIB }, a)
  network.add({ upBytesPerSecond: MIB, downBytesPerSecond: down }, b)
  network.connect(0, 1)
  const run = (ms = 10_000): void => {
    network.run(() => false, network.now + ms)
  }
  const send = (block: string, bytes = MIB / 10): void => {
    a.parcels.push({ to: 1, bytes, block })
    network.poke(0)
  }
  return { network, a, b, run, send }
}

describe('messages', () => {
  test('arrive after half a round trip, in order, and cost no bandwidth', () => {
    const { network, a, b, run } = pair()
    network.send(0, 1, 'one')
    network.send(0, 1, 'two')
    run()
    expect([a.log, b.log]).toEqual([['0 joined 1 (40)'], ['0 joined 0 (40)', '20 0 says one', '20 0 says two']])
    expect(network.messages).toBe(2)
  })

  test('keep their order when they are late', () => {
    const { network, b, run } = pair({ jitterMs: 30 })
    const said = Array.from({ length: 50 }, (_, at) => String(at))
    said.forEach((message) => {
      network.send(0, 1, message)
    })
    run()
    expect(b.log.slice(1).map((entry) => entry.split(' ').at(-1))).toEqual(said)
    expect(Number(b.log.at(-1)?.split(' ')[0])).toBeGreaterThan(40)
  })
})

describe('blocks', () => {
  test('leave one after the other at the rate of the uplink, and arrive half a round trip later', () => {
    const { a, b, run, send } = pair()
    send('x')
    send('y')
    run()
    expect(a.log.slice(1)).toEqual(['100 sent x', '200 sent y'])
    expect(b.log.slice(1)).toEqual(['120 0 sends x', '220 0 sends y'])
  })

  test('wait for a slow downlink; its sender waits when it is too far behind', () => {
    const { a, b, run, send } = pair({ down: MIB / 10 })
    send('x')
    send('y')
    run()
    // a tenth of the rate: a second each, the second one sent when 60 ms are left of the first
    expect(b.log.slice(1)).toEqual(['1020 0 sends x', '2020 0 sends y'])
    expect(a.log.slice(1)).toEqual(['100 sent x', '1060 sent y'])
  })

  test('of an uplink of nothing, or a stopped one, never leave', () => {
    const { network, a, b, run, send } = pair()
    send('x')
    network.run(() => false, 50)
    network.stopUplink(0)
    send('y')
    run()
    expect([a.log.length, b.log.length]).toEqual([1, 1])
  })
})

describe('coming and going', () => {
  test('what was sent before a node left arrives; its peers hear of it after the way there', () => {
    const { network, b, run } = pair()
    network.send(0, 1, 'bye')
    network.leave(0)
    network.send(0, 1, 'never')
    run()
    expect(b.log.slice(1)).toEqual(['20 0 says bye', '20 left 0'])
    expect(network.isAlive(0)).toBe(false)
  })

  test('what is on its way to a node that left is lost', () => {
    const { network, b, run, send } = pair()
    send('x')
    network.send(0, 1, 'hello')
    network.leave(1)
    run()
    expect(b.log).toHaveLength(1)
  })

  test('of one that vanished nobody hears', () => {
    const { network, a, run } = pair()
    network.vanish(1)
    network.send(0, 1, 'hello')
    run()
    expect(a.log).toHaveLength(1)
  })

  test('what belonged to a connection that ended does not arrive over the next one', () => {
    const { network, b, run } = pair()
    network.send(0, 1, 'old')
    network.disconnect(0, 1)
    run(30)
    network.connect(0, 1)
    network.send(0, 1, 'new')
    run()
    expect(b.log.slice(1)).toEqual(['20 0 says old', '20 left 0', '30 joined 0 (40)', '50 0 says new'])
  })

  test('a node is not connected to itself, nor twice', () => {
    const { network, a } = pair()
    network.connect(0, 0)
    network.connect(1, 0)
    expect(a.log).toHaveLength(1)
  })
})

test('a brain is woken when it wants to be, the earliest time of all it named', () => {
  const { network, a, run } = pair()
  network.wakeAt(0, 500)
  network.wakeAt(0, 300)
  network.wakeAt(0, 400)
  run()
  expect(a.log.slice(1)).toEqual(['300 awake'])
})

test('a run ends when it is done, or at its limit, and the fingerprint tells two runs apart', () => {
  const first = pair()
  const second = pair()
  first.network.send(0, 1, 'x')
  second.network.send(0, 1, 'x')
  expect(first.network.run(() => first.b.log.length === 2, 1000)).toBe(true)
  expect(second.network.run(() => false, 10)).toBe(false)
  expect(second.network.digest).not.toBe(first.network.digest)
  second.run()
  expect(second.network.digest).toBe(first.network.digest)
})

test('a node that is not there is named', () => {
  expect(() => pair().network.sentBytes(9)).toThrow('no number 9')
})

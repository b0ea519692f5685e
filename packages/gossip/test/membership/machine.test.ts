import { describe, expect, it } from 'vitest'
import type { MemberChangeType, Status } from '../../src/membership/index.ts'
import { Net } from './support/net.ts'
import type { Node } from './support/net.ts'

function started(count: number, seed = 1): Net {
  const net = new Net(seed)
  net.startAll(count)
  net.run(5000)
  return net
}

const types = ({ changes }: Node, member: number): MemberChangeType[] =>
  changes.filter((change) => change.member === member).map(({ type }) => type)

function allHold(net: Net, member: number, status: Status): boolean {
  return net.live().every(({ machine }) => machine.self === member || machine.record(member)?.status === status)
}

/** Milliseconds until all hold it; fails the test if they never do. */
function until(net: Net, ms: number, done: () => boolean): number {
  const start = net.now
  const end = net.run(ms, done)
  expect(done()).toBe(true)
  return end - start
}

describe('a network of membership machines', () => {
  it('is quiet: no suspicion, at most 24 links, under 1 kB/s', () => {
    const net = started(40)
    net.nodes.forEach((node) => (node.bytes = 0))
    net.run(60_000)
    for (const { machine, links, bytes } of net.nodes) {
      expect(machine.stats()).toMatchObject({ suspicions: 0, accusations: 0, localHealth: 0 })
      expect(links.size).toBeLessThanOrEqual(24)
      expect(bytes / 60).toBeLessThan(1300)
    }
    expect(net.isAgreed()).toBe(true)
  })

  it('knows a newcomer within a second, and it knows everybody', () => {
    const net = started(30)
    const { machine } = net.join(7)
    expect(until(net, 5000, () => net.isAgreed())).toBeLessThan(1000)
    expect(machine.liveCount).toBe(30)
    for (const node of net.nodes.slice(0, 30)) {
      expect(types(node, 30)).toEqual(['join'])
      const hops = node.changes.find(({ member }) => member === 30)?.hops ?? 0
      expect(hops).toBeGreaterThanOrEqual(1)
      expect(hops).toBeLessThanOrEqual(7)
    }
  })

  it('grows from one node that is alone', () => {
    const net = new Net(3)
    const first = net.add()
    first.isUp = true
    first.machine.start(0, { incarnation: 1 })
    net.run(1000)
    for (let member = 1; member < 20; member++) {
      net.join(Math.floor(net.random() * member))
      net.run(200)
    }
    until(net, 30_000, () => net.isAgreed())
  })

  it('takes twenty newcomers at once', () => {
    const net = started(10)
    for (let member = 0; member < 20; member++) {
      net.join(member % 10)
    }
    until(net, 20_000, () => net.isAgreed())
  })

  it('knows a goodbye within a second, tells the leaver that it was heard, and is not fooled by its pings', () => {
    const net = started(30)
    const leaver = net.node(5)
    leaver.machine.leave(net.now)
    expect(until(net, 5000, () => allHold(net, 5, 'left'))).toBeLessThan(1000)
    expect(types(leaver, 5)).toEqual(['leave'])
    net.run(20_000)
    expect(allHold(net, 5, 'left')).toBe(true)
    net.crash(5)
    for (const node of net.live()) {
      expect(types(node, 5)).toEqual(['leave'])
    }
  })

  it('knows a silent crash in about eight seconds: suspect, then dead', () => {
    const net = started(30)
    net.crash(7)
    const ms = until(net, 40_000, () => net.isAgreed())
    expect(ms).toBeGreaterThan(5000)
    expect(ms).toBeLessThan(12_000)
    for (const node of net.live()) {
      expect(types(node, 7)).toEqual(['suspect', 'dead'])
    }
  })

  it('knows a crash that reset its connections within two seconds', () => {
    const net = started(30)
    net.crash(7, false)
    expect(until(net, 20_000, () => net.isAgreed())).toBeLessThan(2000)
  })

  it('holds nothing against who stops for less than a suspicion, and has it back at once', () => {
    const net = started(30)
    net.stall(9, 6000)
    net.run(6000)
    until(net, 1000, () => allHold(net, 9, 'alive'))
    for (const node of net.live()) {
      expect(types(node, 9)).not.toContain('dead')
    }
  })

  it('has a live member that was expelled back within five seconds of its waking', () => {
    const net = started(30)
    net.stall(9, 25_000)
    net.run(25_000)
    expect(net.live().filter(({ machine }) => machine.record(9)?.status === 'dead').length).toBeGreaterThan(20)
    expect(until(net, 30_000, () => net.isAgreed())).toBeLessThan(5000)
    expect(net.node(9).changes.filter(({ type }) => type === 'dead')).toEqual([])
    expect(types(net.node(1), 9).at(-1)).toBe('join')
  })

  it('blames nobody when it stood still itself', () => {
    const net = started(30)
    for (let time = 0; time < 10; time++) {
      net.stall(3, 4000)
      net.run(6000)
    }
    expect(net.node(3).machine.stats().accusations).toBe(0)
    expect(net.node(3).machine.stats().voided).toBeGreaterThan(0)
  })

  it('heals after a partition, resurrects nobody, and stays as it is', () => {
    const net = started(30)
    net.connected = (one, other) => one % 2 === other % 2
    net.run(60_000)
    expect(net.nodes.map(({ machine }) => machine.liveCount)).toEqual(new Array(30).fill(14))
    net.node(4).machine.leave(net.now)
    net.run(2000)
    net.crash(4)
    net.crash(6)
    net.run(30_000)
    net.connected = () => true
    until(net, 60_000, () => net.isAgreed())
    net.run(30_000)
    expect(net.isAgreed()).toBe(true)
    for (const node of net.live()) {
      expect(types(node, 6).at(-1)).toBe('dead')
    }
  })

  it('lets joins on both sides of a partition through when it heals', () => {
    const net = started(20)
    const side = (member: number): boolean => member % 2 === 0
    net.connected = (one, other) => side(one) === side(other)
    net.run(40_000)
    net.join(2)
    net.join(3)
    net.run(5000)
    net.connected = () => true
    until(net, 120_000, () => net.isAgreed())
  })

  it('is right about the survivors when half of it ends at once', () => {
    const net = started(40)
    for (let member = 0; member < 40; member += 2) {
      net.crash(member)
    }
    expect(until(net, 60_000, () => net.isAgreed())).toBeLessThan(30_000)
  })

  it('hears what a member says anew about itself', () => {
    const net = started(20)
    net.node(2).machine.setMetadata(Uint8Array.of(1, 2, 3), net.now)
    net.run(2000)
    for (const node of net.nodes.filter(({ machine }) => machine.self !== 2)) {
      expect(types(node, 2)).toEqual(['update'])
      expect(node.machine.record(2)?.claim.metadata).toEqual(Uint8Array.of(1, 2, 3))
    }
    expect(net.node(2).machine.incarnation).toBe(2)
  })

  it('takes a member back that restarts from its snapshot, even if most in that are gone', () => {
    const net = started(20)
    const contacts = net.node(5).machine.snapshot()
    expect(contacts).toHaveLength(19)
    net.crash(5, false)
    for (let member = 8; member < 20; member++) {
      net.crash(member, false)
    }
    net.run(20_000)
    const back = net.restart(5, 10, contacts)
    until(net, 15_000, () => net.isAgreed())
    expect(back.machine.liveCount).toBe(7)
    expect(types(net.node(0), 5)).toEqual(expect.arrayContaining(['dead', 'join']))
  })

  it('answers who comes back with an old incarnation, and it takes a higher one', () => {
    const net = started(10)
    net.node(3).machine.setMetadata(Uint8Array.of(1), net.now)
    net.run(1000)
    net.crash(3, false)
    net.run(10_000)
    const back = net.restart(3, 1, net.node(4).machine.snapshot())
    until(net, 20_000, () => net.isAgreed())
    expect(back.machine.incarnation).toBeGreaterThan(2)
  })

  it('lets two find each other again that were cut off for an hour', () => {
    const net = started(2)
    net.connected = () => false
    net.run(120_000)
    expect(net.nodes.map(({ machine }) => machine.liveCount)).toEqual([0, 0])
    net.connected = () => true
    until(net, 30_000, () => net.isAgreed())
  })

  it('expels nobody on the word of one liar, and stops hearing it', () => {
    const net = started(30)
    const liar = net.node(0)
    for (let time = 0; time < 12; time++) {
      for (const subject of liar.links) {
        const record = liar.machine.record(subject)
        if (record !== undefined) {
          const claims = [
            net.notary.sign({ kind: 'suspect', subject, incarnation: record.incarnation, evidence: 'closed' }, 0)
          ]
          for (const peer of liar.links) {
            net.node(peer).machine.receive(0, { type: 'push', hops: 1, claims }, net.now)
          }
        }
      }
      net.run(5000)
    }
    expect(net.isAgreed()).toBe(true)
    for (const node of net.nodes) {
      expect(node.changes.filter(({ type }) => type === 'dead')).toEqual([])
    }
    const refused = net.nodes.reduce((sum, { machine }) => sum + machine.stats().refusedVotes, 0)
    expect(refused).toBeGreaterThan(100)
    // it costs each victim a few answers, not one for each lie
    expect(Math.max(...net.nodes.map(({ machine }) => machine.incarnation))).toBeLessThan(6)
  })

  it('says nothing before it is started, and nothing but acks once it leaves', () => {
    const net = started(5)
    const { machine } = net.add()
    expect(machine.wakeAt).toBe(Infinity)
    expect(machine.liveCount).toBe(0)
    net.node(1).machine.leave(net.now)
    net.run(20_000)
    expect(net.node(1).machine.wakeAt).toBe(Infinity)
  })

  it('gives the same run for the same seed', () => {
    const trace = (seed: number): unknown => {
      const net = started(12, seed)
      net.join(3)
      net.run(3000)
      net.crash(2)
      net.run(20_000)
      return net.nodes.map(({ changes, bytes }) => [changes, bytes])
    }
    expect(trace(5)).toEqual(trace(5))
    expect(trace(5)).not.toEqual(trace(6))
  })
})

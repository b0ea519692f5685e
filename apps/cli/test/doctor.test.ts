import { expect, test } from 'vitest'
import { runDoctor } from '../src/commands/doctor.ts'
import type { CommandContext } from '../src/context.ts'
import { doctorEvents, doctorLines, isSettled } from '../src/doctor-view.ts'
import type { DoctorReport } from '../src/doctor-view.ts'
import { createTestIo } from './helpers.ts'
import type { TestIo } from './helpers.ts'

const good: DoctorReport = {
  networks: [{ family: 4, udp: true, mapping: 'endpoint-independent' }],
  addresses: [
    { address: '/ip4/203.0.113.5/udp/4001/utp', reachability: 'verified' },
    { address: '/ip4/192.168.1.2/tcp/4001', reachability: 'local' }
  ],
  mappings: [],
  relays: [{ peer: '12D3Koo' }],
  clock: { offsetMs: 3, errorMs: 1, samples: 2 },
  servers: 2,
  peers: 3,
  findings: [
    { id: 'nat.ip4', level: 'ok', text: 'IPv4: an easy NAT.' },
    { id: 'ipv6', level: 'info', text: 'No IPv6.', fix: 'turn it on' }
  ]
}

const bad: DoctorReport = {
  networks: [],
  addresses: [],
  mappings: [],
  relays: [],
  servers: 0,
  peers: 0,
  findings: [{ id: 'peers', level: 'problem', text: 'Connected to nobody.\u001b[2J', fix: 'join' }]
}

interface Run extends TestIo {
  readonly exit: Promise<number>
  readonly waits: number[]
}

function run(
  reports: readonly DoctorReport[],
  init: Parameters<typeof createTestIo>[0] = {},
  signal = new AbortController().signal
): Run {
  const io = createTestIo(init)
  const waits: number[] = []
  let now = 0
  let next = 0
  const report = async ({ waitMs }: { waitMs: number }): Promise<DoctorReport> => {
    waits.push(waitMs)
    now += 4000
    return reports[Math.min(next++, reports.length - 1)] ?? bad
  }
  const context = {
    io: io.io,
    options: { json: false, quiet: false, mdns: false, timeoutMs: 10_000 },
    signal,
    now: () => now,
    openNode: async () => ({ services: { nat: { report } } })
  } as unknown as CommandContext
  return { ...io, exit: runDoctor(context, 1), waits }
}

test('a person reads what was found, with a fix, then the addresses and the relays', async () => {
  const { exit, stdout } = run([good])
  expect(await exit).toBe(0)
  expect(stdout.text).toBe(
    [
      'ok       IPv4: an easy NAT.',
      'info     No IPv6.',
      '         fix: turn it on',
      '',
      'addresses',
      '  verified  /ip4/203.0.113.5/udp/4001/utp',
      '  local     /ip4/192.168.1.2/tcp/4001',
      '',
      'relays',
      '  12D3Koo',
      ''
    ].join('\n')
  )
})

test('a problem is the exit code of the network', async () => {
  const { exit, waits } = run([bad])
  expect(await exit).toBe(5)
  // it looks again until the time is over
  expect(waits).toEqual([10_000, 6000, 2000])
})

test('it looks again while something is still to come, and no longer', async () => {
  const { exit, waits } = run([bad, good, good])
  expect(await exit).toBe(0)
  expect(waits).toHaveLength(2)
})

test('with --json there is an event for each finding and one with the whole report', async () => {
  const { exit, stdout, stderr } = run([good], { json: true })
  await exit
  const events = stdout.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(events).toEqual(doctorEvents(good))
  expect(events).toEqual([
    { v: 1, type: 'doctor.finding', id: 'nat.ip4', level: 'ok', text: 'IPv4: an easy NAT.' },
    { v: 1, type: 'doctor.finding', id: 'ipv6', level: 'info', text: 'No IPv6.', fix: 'turn it on' },
    {
      v: 1,
      type: 'doctor.report',
      ok: true,
      networks: good.networks,
      addresses: good.addresses,
      mappings: [],
      relays: good.relays,
      clock: good.clock,
      servers: 2,
      peers: 3
    }
  ])
  expect(stderr.text).toBe('')
})

test('a text cannot play with the screen', () => {
  expect(doctorLines(bad)).toEqual(['problem  Connected to nobody.\\x1b[2J', '         fix: join'])
})

test('what is settled is known, and reached', () => {
  expect(isSettled(good)).toBe(true)
  expect(isSettled({ ...good, networks: [] })).toBe(false)
  expect(isSettled({ ...good, addresses: [], relays: [] })).toBe(false)
  expect(isSettled({ ...good, addresses: [], relays: [], mappings: [{ confirmed: true }] })).toBe(true)
})

test('what a router lets in is settled only when a node outside has dialled it, also where there is a relay', () => {
  const assumed = { address: '/ip4/203.0.113.5/udp/4001/utp', reachability: 'assumed' }
  expect(isSettled({ ...good, addresses: [assumed], relays: [] })).toBe(false)
  expect(isSettled({ ...good, addresses: [assumed] })).toBe(false)
  expect(isSettled({ ...good, addresses: [], mappings: [{ confirmed: false }] })).toBe(false)
  expect(isSettled({ ...good, addresses: [], mappings: [] })).toBe(true)
  expect(isSettled({ ...good, addresses: [assumed, ...good.addresses], relays: [] })).toBe(true)
})

test('a verdict that comes later than the mapping is waited for', async () => {
  const mapped = { ...good, addresses: [{ address: '/ip4/203.0.113.5/tcp/4001', reachability: 'assumed' }] }
  const { exit, stdout } = run([mapped, good])
  expect(await exit).toBe(0)
  expect(stdout.text).toContain('  verified  ')
  const never = run([mapped])
  await never.exit
  expect(never.waits).toEqual([10_000, 6000, 2000])
})

test('an abort ends it', async () => {
  const controller = new AbortController()
  controller.abort(new DOMException('enough', 'AbortError'))
  await expect(run([bad], {}, controller.signal).exit).rejects.toThrow('enough')
})

// npm run bench:gossip-flood: one neighbour floods a node with gossip; what it costs the node, and whether honest messages
// that go through it arrive.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const SCRIPT = fileURLToPath(new URL('peers/gossip-flood.ts', import.meta.url))

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    messages: { type: 'string', default: '1000' },
    // a signer is heard twice a second at most
    senders: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false }
  }
})
const [rateMBps = 0, seconds = 0, messages = 0, count = 0] = [
  values.rate,
  values.seconds,
  values.messages,
  values.senders
].map(Number)

interface State {
  readonly peakRssMiB: number
  readonly lagP99Ms: number
}

const [victim, receiver, flooder] = await Promise.all([
  start('victim'),
  start('honest'),
  start('flooder', String(rateMBps * 1e6))
])
const senders = await Promise.all(Array.from({ length: count }, async () => start('honest')))
for (const sender of senders) {
  await ask(sender, { type: 'dial', address: victim.address })
}
await ask(receiver, { type: 'dial', address: victim.address })
await untilHeard('before')
const before = (await ask(victim, { type: 'mark' })) as { rssMiB: number }
const flooding = ask(flooder, { type: 'flood', address: victim.address, seconds })
for (let n = 0; n < messages; n++) {
  await say(n, `message ${n}`)
  await sleep((seconds * 1000) / messages)
}
const { offered, taken } = (await flooding) as { offered: number; taken: number }
const { peakRssMiB, lagP99Ms } = (await ask(victim, { type: 'state' })) as State
await untilHeard('after')
const heard = ((await ask(receiver, { type: 'heard' })) as string[]).filter((name) => name.startsWith('message '))

const report = {
  offeredMBps: offered / 1e6 / seconds,
  takenMBps: taken / 1e6 / seconds,
  rssGrowthMiB: peakRssMiB - before.rssMiB,
  lagP99Ms,
  delivered: heard.length,
  messages
}
const missed = [
  ...(report.rssGrowthMiB > 128 ? ['memory + <= 128 MiB'] : []),
  ...(lagP99Ms > 100 ? ['lag p99 < 100 ms'] : []),
  ...(heard.length < 0.999 * messages ? ['honest delivery >= 99.9 %'] : [])
]
console.log(
  values.json
    ? JSON.stringify({ ...report, missed })
    : `${report.offeredMBps.toFixed(1)} MB/s offered, ${report.takenMBps.toFixed(2)} taken; ` +
        `memory +${report.rssGrowthMiB.toFixed(0)} MiB, lag p99 ${lagP99Ms.toFixed(0)} ms, ` +
        `${heard.length} of ${messages} honest messages arrived${missed.length === 0 ? '' : `; missed: ${missed.join(', ')}`}`
)
process.exit(values.gate && missed.length > 0 ? 1 : 0)

interface Peer {
  readonly child: ChildProcess
  readonly address: string
}

async function start(...args: string[]): Promise<Peer> {
  const child = fork(SCRIPT, args, { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const [{ value }] = (await once(child, 'message')) as [{ value: string }]
  return { child, address: value }
}

/** One question at a time to each. */
async function ask({ child }: Peer, order: object): Promise<unknown> {
  const answered = once(child, 'message') as Promise<[{ value: unknown }]>
  child.send(order)
  const [{ value }] = await answered
  return value
}

/** Gossip streams open when they open; one name is heard once, so each try has its own. */
async function untilHeard(name: string): Promise<void> {
  for (const from of senders.keys()) {
    let isHeard = false
    for (let n = 0; !isHeard; n++) {
      await say(from, `${name} ${from} ${n}`)
      await sleep(500)
      const heardSoFar = (await ask(receiver, { type: 'heard' })) as string[]
      isHeard = heardSoFar.some((each) => each.startsWith(`${name} ${from}`))
      if (n > 60) {
        throw new Error(`nobody heard ${name} of ${from}`)
      }
    }
  }
}

/** The senders take turns. */
async function say(turn: number, name: string): Promise<void> {
  const sender = senders[turn % senders.length]
  if (sender !== undefined) {
    await ask(sender, { type: 'say', name })
  }
}

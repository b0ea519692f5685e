// npm run sim:gossip [-- --scenario crash-* --seeds 3 --quick --json --list --write]: the shipped membership machine in
// virtual time, beside formulas and the study. Exits 1 when a goal is missed. --seed 3 runs one seed and prints its
// fingerprint; --predict prints what bench:gossip should find, for the
// --one-way, --jitter and --dial milliseconds that it measured, and with --message, --link, --cores and --per-process for
// what messages and links cost its processes; --write keeps the results and draws docs/simulations/gossip,
// --draw only draws again.
import { parseArgs } from 'node:util'
import type { LoopbackInit } from '@p2pshare/testkit/sim'
import { writeGossipPage } from './gossip-page.ts'
import { predict } from './gossip-predict.ts'
import { GOSSIP_SCENARIOS } from './gossip-scenarios.ts'
import { Results } from './results.ts'
import { runCommand, SCENARIO_OPTIONS } from './scenario-runner.ts'

/** Real networks are given time to form; a hundred simulated nodes that open all their links at once would need a minute. */
const FORMED_MS = 15_000

const { values } = parseArgs({
  options: {
    ...SCENARIO_OPTIONS,
    sizes: { type: 'string', default: '25,50,100' },
    profile: { type: 'string', default: 'wan' },
    'one-way': { type: 'string' },
    jitter: { type: 'string' },
    dial: { type: 'string' },
    message: { type: 'string' },
    link: { type: 'string' },
    cores: { type: 'string', default: '2' },
    'per-process': { type: 'string', default: '8' }
  }
})

if (values.predict) {
  const sizes = values.sizes.split(',').map(Number)
  const found = predict(sizes, Number(values.seeds ?? 3), values.profile, measured())
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
} else {
  const results = new Results('gossip')
  await runCommand({ name: 'sim:gossip', scenarios: GOSSIP_SCENARIOS, results, draw: writeGossipPage }, values)
}

/** What was measured on the machine that the prediction is for, in milliseconds. */
function measured(): LoopbackInit {
  const { 'one-way': oneWay, jitter, dial, message, link, cores, 'per-process': perProcess } = values
  const cpu = {
    cores: Number(cores),
    processOf: (node: number) => Math.floor(node / Number(perProcess)),
    messageMs: Number(message),
    linkMs: Number(link ?? 0),
    sinceMs: FORMED_MS
  }
  return {
    ...(message === undefined ? {} : { cpu }),
    ...(oneWay === undefined ? {} : { oneWayMs: Number(oneWay) }),
    ...(jitter === undefined ? {} : { jitterMs: Number(jitter) }),
    ...(dial === undefined ? {} : { dialMs: Number(dial) })
  }
}

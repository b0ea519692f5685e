import { mkdir, writeFile } from 'node:fs/promises'
import { crashChart, spreadChart, stallChart, trafficChart } from './gossip-charts.ts'
import { likeForLike } from './gossip-like-for-like.ts'
import { GOSSIP_SCENARIOS } from './gossip-scenarios.ts'
import type { Results, ScenarioResult } from './results.ts'
import { daysOf, goalTable, inOrder, section } from './results-page.ts'

/** Writes the page and the charts of everything that was run so far. */
export async function writeGossipPage(store: Results): Promise<void> {
  const { directory } = store
  const results = inOrder(GOSSIP_SCENARIOS, await store.read())
  await mkdir(directory, { recursive: true })
  await writeFile(`${directory}/spread.svg`, spreadChart(results))
  await writeFile(`${directory}/crash.svg`, crashChart(results))
  await writeFile(`${directory}/traffic.svg`, trafficChart(results))
  await writeFile(`${directory}/stalls.svg`, stallChart(results))
  await writeFile(`${directory}/../gossip.md`, page(results))
}

function page(results: readonly ScenarioResult[]): string {
  const cpu = results.reduce((sum, { runs }) => sum + runs.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0), 0)
  return `# Membership in virtual time

Written by \`npm run sim:gossip -- --write\` (single scenarios with \`--scenario\`; their results are kept in
\`gossip/results.json\`). The code that runs is the shipped \`createMachine\` of \`@p2pshare/gossip/membership\`; the network is a
model. One run again, with its fingerprint: \`npm run sim:gossip -- --scenario crash-silent-wan-100 --seed 3\`.
Made ${daysOf(results)}; all of it took ${Math.round(cpu / 60)} minutes of CPU. Single seeds are samples, not proofs: the seeds are beside each scenario.

- **wan**: one way 5 + 60 · distance + Exp(4) ms on a unit square, 60 % behind NATs, a fifth of the pairs of those over relays
  (+40 ms); dials cost round trips and 40 ms. **public**: the same without NATs. **lossy**: 5 % of packets lost, which delays them
  (no messages are lost on a connection) and what is behind them. **loopback**: 0.2 + Exp(0.3) ms,
  and a process that stands still loses its connections after 5 to 15 s, as libp2p's monitor has it; \`--message\` and \`--link\` (CPU of
  a message and of an end of a new link, \`--predict\` only) put its processes on cores.
- A crash is silent, or its host answers with FIN or RST and refuses the next dial (not behind a NAT). A silent connection is given
  up after 30 s.
- A stalled process wakes with its timers before its input; a stalled network lets timers run. Stalls last 0.1 to 16 s, evenly
  over the logarithm, about 10 s apart.
- Bytes are what the codec sends and 80 a message for frame, Noise, yamux, TCP and IP; dials are counted, not weighed.
- Two numbers are median and worst of the seeds (of the events, in \`base-*\`). **study** is design D in the study's simulator
  (simulated too; another implementation of the same ideas). Formulas: SWIM's and memberlist's, their sources are in
  \`packages/testkit/src/sim/membership/formulas.ts\`.

![Joins and leaves](./gossip/spread.svg)

![Crashes](./gossip/crash.svg)

![Traffic](./gossip/traffic.svg)

![Stalls](./gossip/stalls.svg)

## Goals

${goalTable(results)}

${likeForLike(results)}
${results.map((result) => section(result, ['formula', 'study'])).join('\n')}`
}

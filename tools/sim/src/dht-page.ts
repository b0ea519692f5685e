import { mkdir, writeFile } from 'node:fs/promises'
import { findChart, placementChart, provideChart, sybilChart } from './dht-charts.ts'
import { DHT_SCENARIOS } from './dht-scenarios.ts'
import type { Results, ScenarioResult } from './results.ts'
import { goalTable, inOrder, section } from './results-page.ts'

/** Writes the page and the charts of everything that was run so far. */
export async function writeDhtPage(store: Results): Promise<void> {
  const { directory } = store
  const results = inOrder(DHT_SCENARIOS, await store.read())
  await mkdir(directory, { recursive: true })
  await writeFile(`${directory}/provide.svg`, provideChart(results))
  await writeFile(`${directory}/placement.svg`, placementChart(results))
  await writeFile(`${directory}/find.svg`, findChart(results))
  await writeFile(`${directory}/sybils.svg`, sybilChart(results))
  await writeFile(`${directory}/../dht.md`, page(results))
}

function page(results: readonly ScenarioResult[]): string {
  const cpu = results.reduce((sum, { runs }) => sum + runs.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0), 0)
  return `# The DHT in virtual time

Written by \`npm run sim:dht -- --write\` (single scenarios with \`--scenario\`; their results are kept in \`dht/results.json\`).
The code that decides is the shipped one, \`@p2pshare/dht/rules\`; the network is a model
(\`packages/testkit/src/sim/dht\`). One run again, with its fingerprint: \`npm run sim:dht -- --scenario sybils-5000-20 --seed 3\`.
All of it took ${Math.round(cpu / 60)} minutes of CPU. Everything here is simulated; seeds are beside each scenario.

- **Delays**: 10 to 250 ms round trip by distance on a map; a stranger costs four round trips, an answer 2 to 10 ms. Half of
  the nearest contacts in the own table are connected.
- **Tables** are drawn when somebody asks, always the same for one seed. Kademlia's have a bucket of 20 at every depth; \`table-*\`
  has the balanced trie of kad-dht, cut at some bits (the service's own is cut at 12). 15 % of the contacts around a key are gone and 4 % of those in full buckets;
  70 % of the gone say nothing at all, the others refuse. 2.4 % of the neighbours are unknown.
- **Stock** is the rules of \`@libp2p/kad-dht\` 16 in the same model: ten paths of ten requests, only strictly closer peers, 5 s for
  a silent contact, puts after the walk, and 20 records of whatever worth end a search.
- **\`ipfs-*\`, \`eclipse-*\`**: what was published, as the goal with its band. Fitted to it are the usable contacts of a full bucket (12),
  how unevenly strangers answer (lognormal, sigma 1), how long dials to silent ones last (5, 10 or 20 s) and how long servers
  stay (85 % for 640 h, 15 % with a half-life of 1 h). The other scenarios do not use the first three.
- **Sybils** are nearer to the key than every honest node, name only each other and 20 false providers each. The size of the network
  comes from ten lookups before the attack (\`estimateSize\`). IP groups do not help here: every Sybil has its own. In
  \`sybils-spread-*\` they are anywhere within the distance of the 20th nearest honest node: what is lost there are records that
  went to Sybils alone, because 20 of them happened to lie as far apart as honest nodes do.
- **Churn**: who leaves is replaced at once, elsewhere. The pace of announcements comes from the holders that answer again
  (\`estimateHalfLife\`); membership, which repairs sooner, is left out.
- Not in the model: bandwidth, processors, NATs, tables that fill, liars other than placed Sybils.

![Announcements](./dht/provide.svg)

![Placement](./dht/placement.svg)

![Searches](./dht/find.svg)

![Sybils](./dht/sybils.svg)

## Goals and published figures

${goalTable(results)}

${results.map((result) => section(result, ['published', 'study'])).join('\n')}`
}

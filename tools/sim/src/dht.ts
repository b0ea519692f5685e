// npm run sim:dht [-- --scenario sybils-* --seeds 3 --quick --json --list --write]: the shipped rules of the DHT in virtual
// time, beside stock kad-dht, published figures and the study. Exits 1 when a goal is missed. --seed 3 runs one seed and
// prints its fingerprint; --predict prints what bench:dht should find with --sizes nodes in one process, of which the share
// --dead is silent and the share --connected of the nearest connected; --rtt, --dial and --serve are the milliseconds of a
// round trip, a dial and an answer there. --write keeps the results and draws docs/simulations/dht, --draw only draws again.
import { parseArgs } from 'node:util'
import { writeDhtPage } from './dht-page.ts'
import { predictDht } from './dht-predict.ts'
import { DHT_SCENARIOS } from './dht-scenarios.ts'
import { Results } from './results.ts'
import { runCommand, SCENARIO_OPTIONS } from './scenario-runner.ts'

const { values } = parseArgs({
  options: {
    ...SCENARIO_OPTIONS,
    sizes: { type: 'string', default: '25,50,100' },
    dead: { type: 'string', default: '0.1' },
    rtt: { type: 'string', default: '1' },
    dial: { type: 'string', default: '30' },
    serve: { type: 'string', default: '1' },
    connected: { type: 'string', default: '0.5' }
  }
})

if (values.predict) {
  const found = predictDht({
    sizes: values.sizes.split(',').map(Number),
    seeds: Number(values.seeds ?? 3),
    silentShare: Number(values.dead),
    rttMs: Number(values.rtt),
    dialMs: Number(values.dial),
    serveMs: Number(values.serve),
    connectedShare: Number(values.connected)
  })
  process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
} else {
  const results = new Results('dht')
  await runCommand({ name: 'sim:dht', scenarios: DHT_SCENARIOS, results, draw: writeDhtPage }, values)
}

import { test } from 'vitest'
import { Simulation } from '/work/main/packages/transfer/test/swarm/support/simulation.ts'
for (const n of [1,2,4,6,8,16]) for (const leafCount of [64,256]) for (const lb of [256*1024, 1024*1024]) test(`${n} ${leafCount} ${lb}`, () => {
  const t0=performance.now()
  const sim = new Simulation({ seed: 1, leafCount, leafBytes: lb })
  const s = sim.addSeeder('seeder')
  for (let i=0;i<n;i++) sim.addLeecher('l'+i)
  sim.connectAll()
  sim.finish()
  const ideal = sim.totalBytes/(4*1024*1024)*1000
  console.log(n, leafCount, lb, 'copies', (s.sentBytes/sim.totalBytes).toFixed(3), 'time ratio', (sim.now/ideal).toFixed(3), 'wasted', [...sim.nodes.values()].reduce((a,x)=>a+x.wastedBytes,0)/sim.totalBytes, 'dups', [...sim.nodes.values()].map(x=>x.rules.duplicates).join(), (performance.now()-t0).toFixed(0)+'ms')
})

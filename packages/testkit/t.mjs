import { createTestnet,detectLeaks } from '@p2pshare/testkit'
import { setTimeout as st} from 'node:timers'
const l = detectLeaks()
const net = await createTestnet({nodes:2, seed:1, topology:'full'});
console.log(l.check())
await net.stop()
const t=performance.now()
console.log(l.check())
while(l.check().length) await new Promise(r=>st(r,1))
console.log(performance.now()-t)

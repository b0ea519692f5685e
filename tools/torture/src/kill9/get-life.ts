/**
 * A process that gets a share until it is killed. Says `held <n>` when it knows what is here already, then the number of
 * leaves that are kept as it changes, and `done` at the end.
 *
 *   node get-life.ts <ticket> <directory> <home>
 */
import { writeSync } from 'node:fs'
import { createNode } from '@p2pshare/core'

const POLL_MS = 2

const [ticket = '', output = '', home = ''] = process.argv.slice(2)
const node = await createNode({ home, listen: [], mdns: false })
writeSync(1, 'ready\n')
let told = -1
const tell = (): void => {
  const [share] = node.shares()
  if (share !== undefined && told >= 0 && share.have > told) {
    told = share.have
    writeSync(1, `${told}\n`)
  }
}
const ticker = setInterval(tell, POLL_MS)
for await (const event of node.get(ticket, { output, name: 'target', seed: false })) {
  if (event.type === 'map') {
    told = node.shares()[0]?.have ?? 0
    writeSync(1, `held ${event.bytesHave}\n`)
  }
}
clearInterval(ticker)
writeSync(1, 'done\n')
await node.stop()

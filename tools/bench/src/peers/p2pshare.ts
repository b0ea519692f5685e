// P2PShare as a user gets it: createNode() from @p2pshare/core with its default transports.
import { basename, dirname } from 'node:path'
import { createNode } from '@p2pshare/core'

const [role, path = '', , ticket = ''] = process.argv.slice(2)
const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })
if (role === 'seed') {
  const share = await node.share(path, { announce: false })
  console.log('READY', share.ticket)
} else {
  console.log('GO')
  for await (const event of node.get(ticket, { output: dirname(path), name: basename(path) })) {
    if (event.type === 'done') {
      console.log('DONE')
    }
  }
}

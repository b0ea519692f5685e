// Two nodes in one process: one shares a file in place, the other fetches it by its ticket, every chunk verified.
// Run: npm run build && npm run example -w examples/send-a-file
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '@p2pshare/core'

const directory = await mkdtemp(join(tmpdir(), 'p2pshare-example-'))
await writeFile(join(directory, 'hello.txt'), 'hello from one peer to another\n')

const options = { listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false }
const sender = await createNode(options)
const receiver = await createNode(options)

const share = await sender.share(join(directory, 'hello.txt'))
console.log('sharing', share.root.toString())

for await (const event of receiver.get(share.ticket, { output: join(directory, 'received') })) {
  if (event.type === 'done') {
    console.log('received', event.bytes, 'bytes, all verified')
    console.log(await readFile(event.output, 'utf8'))
  }
}

await Promise.all([sender.stop(), receiver.stop()])
await rm(directory, { recursive: true })

// Two nodes that speak over a transport of our own: one shares a file, the other fetches it. No socket is opened.
// Run: npm run build && npm run example -w examples/custom-transport
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '@p2pshare/core'
import { ports } from './ports.ts'
import { Switchboard } from './switchboard.ts'

const FILE_BYTES = 8 * 1024 * 1024

const directory = await mkdtemp(join(tmpdir(), 'p2pshare-example-'))
const original = randomBytes(FILE_BYTES)
await writeFile(join(directory, 'data.bin'), original)

const switchboard = new Switchboard()
const options = { transports: [ports(switchboard)], mdns: false }
const sender = await createNode({ ...options, listen: ['/memory/sender'] })
const receiver = await createNode({ ...options, listen: ['/memory/receiver'] })

const { ticket } = await sender.share(join(directory, 'data.bin'))
console.log('sharing at', sender.addresses().join(', '))

for await (const event of receiver.get(ticket, { output: join(directory, 'received') })) {
  if (event.type === 'done') {
    const copy = await readFile(event.output)
    console.log('received', event.bytes, 'bytes, equal to the original:', copy.equals(original))
  }
}
for (const { remoteAddr, encryption, multiplexer } of receiver.libp2p.getConnections(sender.peerId)) {
  console.log('over', remoteAddr.toString(), 'with', encryption, 'and', multiplexer)
}

await Promise.all([sender.stop(), receiver.stop()])
await rm(directory, { recursive: true })

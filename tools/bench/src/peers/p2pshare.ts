// P2PShare as a user gets it: createNode() from @p2pshare/core with its defaults.
import { basename, dirname } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '@p2pshare/core'
import type { Provider } from '@p2pshare/interface'
import { PROFILES, parseSource } from '@p2pshare/transfer'
import type { ProfileName } from '@p2pshare/transfer'
import type { Job } from '../harness/job.ts'
import { done, go, job, others, ready } from './stage.ts'

const { role, path, leafBytes, uploadBytesPerSecond } = job() as Job
const node = await createNode({
  listen: ['/ip4/127.0.0.1/tcp/0'],
  mdns: false,
  ...(uploadBytesPerSecond === undefined ? {} : { uploadBytesPerSecond })
})
if (role === 'seed') {
  const share = await node.share(path, { announce: false, profile: profileOf(leafBytes) })
  ready(share.ticket)
} else {
  ready(node.addresses()[0] ?? '')
  const { seeders, leechers } = await others()
  const providers = [...seeders.flatMap((ticket) => parseSource(ticket).providers), ...leechers.map(toProvider)]
  go()
  for await (const event of node.get(seeders[0] ?? '', { output: dirname(path), name: basename(path), providers })) {
    if (event.type === 'done') {
      done({ bytesReceived: event.bytesReceived })
    }
  }
}

function profileOf(bytes: number): ProfileName {
  const profile = Object.values(PROFILES).find(({ chunkBytes }) => chunkBytes === bytes)
  if (profile === undefined) {
    throw new Error(`no profile has leaves of ${bytes} bytes`)
  }
  return profile.name
}

function toProvider(address: string): Provider {
  const id = multiaddr(address)
    .getComponents()
    .find(({ name }) => name === 'p2p')?.value
  return { id: peerIdFromString(id ?? ''), multiaddrs: [multiaddr(address)] }
}

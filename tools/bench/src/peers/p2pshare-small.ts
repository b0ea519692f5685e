// Blobs of 4 KiB from a connected peer: by block() over a link that is open, over a new one, and by get() to a file.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import {
  createLightNode,
  createNode,
  defaultConnectionEncrypters,
  defaultStreamMuxers,
  defaultTransports,
  importId,
  parseSource
} from '@p2pshare/core'
import { identify } from '@libp2p/identify'
import { transfer } from '@p2pshare/transfer'
import { CID } from 'multiformats/cid'
import type { SmallJob, SmallReport } from './small-job.ts'
import { done, job, others, ready } from './stage.ts'
import { numbers, timeEach } from './timing.ts'

/** A new link needs a new node: nodes keep theirs open for a while. */
const NEW_LINKS = 30
const WHOLE_FILES = 30
/** Two nodes that have just met have things to tell each other. */
const SETTLE_MS = 50

interface Info {
  readonly ticket: string
  readonly cids: readonly string[]
  readonly files: readonly string[]
}

const task = job() as SmallJob
const node = await createNode({ listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })
if (task.role === 'seed') {
  const { ticket } = await node.share(task.blobs, { announce: false })
  const cids: string[] = []
  for (const index of numbers(0, task.files)) {
    cids.push((await importId(join(task.blobs, String(index)))).toString())
  }
  const files: string[] = []
  for (const index of numbers(0, Math.min(WHOLE_FILES, task.files))) {
    files.push((await node.share(join(task.blobs, String(index)), { announce: false })).ticket)
  }
  ready(JSON.stringify({ ticket, cids, files } satisfies Info))
} else {
  ready('')
  const info = JSON.parse((await others()).seeders[0] ?? '{}') as Info
  done({ ...(await overOpenLink(info)), ...(await overNewLinks(info)), ...(await asFiles(info)) })
}

async function overOpenLink({ ticket, cids }: Info): Promise<SmallReport> {
  const { root, providers } = parseSource(ticket)
  await dialAll(node, ticket)
  const times = await timeEach(task, numbers(0, cids.length), async (index) =>
    node.services.transfer.block(cidAt(cids, index), { root, providers })
  )
  // the first one opens it
  return { 'block, open link': times.slice(1) }
}

async function overNewLinks({ ticket, cids }: Info): Promise<SmallReport> {
  const { root, providers } = parseSource(ticket)
  const times: number[] = []
  for (const index of numbers(0, Math.min(NEW_LINKS, cids.length))) {
    const fresh = await createLightNode({
      transports: defaultTransports(),
      connectionEncrypters: defaultConnectionEncrypters(),
      streamMuxers: defaultStreamMuxers(),
      services: { identify: identify(), transfer: transfer() }
    })
    await dialAll(fresh, ticket)
    await sleep(SETTLE_MS)
    times.push(
      ...(await timeEach(task, [index], async () =>
        fresh.services.transfer.block(cidAt(cids, index), { root, providers })
      ))
    )
    await fresh.stop()
  }
  return { 'block, new link': times }
}

async function asFiles({ files }: Info): Promise<SmallReport> {
  const times = await timeEach(task, numbers(0, files.length), async (index) => {
    for await (const event of node.get(files[index] ?? '', { output: task.state, name: String(index) })) {
      if (event.type === 'done') {
        return await readFile(event.output)
      }
    }
    throw new Error(`file ${index} did not come`)
  })
  return { 'get, to a file': times }
}

async function dialAll(from: { libp2p: typeof node.libp2p }, ticket: string): Promise<void> {
  for (const { multiaddrs } of parseSource(ticket).providers) {
    await from.libp2p.dial(multiaddrs.map((address) => multiaddr(address.toString())))
  }
}

function cidAt(cids: readonly string[], index: number): CID {
  return CID.parse(cids[index] ?? '')
}

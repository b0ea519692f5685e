// One end of the act about speed, a process of its own: `speed-peer.ts share FILE` or `get TICKET DIRECTORY`, with
// `--no-bulk` for libp2p streams alone. Says on stdout what it measured of itself.
import { parseArgs } from 'node:util'
import { createNode, defaultTransports } from '@p2pshare/core'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannels, BulkSink } from '@p2pshare/interface'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'no-bulk': { type: 'boolean' } } })
const [role, what = '', output = '.'] = positionals
const seen = { bulkBytes: 0 }

const node = await createNode({
  listen: ['/ip4/127.0.0.1/tcp/0'],
  mdns: false,
  transports: defaultTransports().map((create) => (components) => counted(create(components))),
  transfer: { bulkChannels: values['no-bulk'] !== true }
})
const cpuAtStart = process.cpuUsage()
await (role === 'share' ? share() : get())
await node.stop()

async function share(): Promise<void> {
  const { ticket } = await node.share(what)
  const before = process.cpuUsage()
  say('speed.ready', { ticket })
  await new Promise((resolve) => process.once('SIGTERM', resolve))
  say('speed.sent', { cpuSeconds: cpuSince(before) })
}

async function get(): Promise<void> {
  for await (const event of node.get(what, { output, name: 'copy.bin' })) {
    if (event.type === 'done') {
      const { bytes, bytesReceived, seconds } = event
      say('speed.got', { bytes, bytesReceived, seconds, cpuSeconds: cpuSince(cpuAtStart), ...seen })
    }
  }
}

function say(type: string, fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ type, ...fields }))
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** The same transport, with a count of what arrives by its bulk channels. */
function counted<T extends object>(transport: T & { readonly [bulkChannelsSymbol]?: BulkChannels | undefined }): T {
  const channels = transport[bulkChannelsSymbol]
  if (channels !== undefined) {
    const invite = channels.invite.bind(channels)
    const open = channels.open.bind(channels)
    channels.invite = (peer, options) => invite(peer, { ...options, sink: countedSink(options.sink) })
    channels.open = async (address, peer, token, options) =>
      open(address, peer, token, { ...options, sink: countedSink(options.sink) })
  }
  return transport
}

function countedSink(sink: BulkSink): BulkSink {
  return {
    buffer: () => sink.buffer(),
    filled: (bytes) => {
      seen.bulkBytes += bytes
      return sink.filled(bytes)
    }
  }
}

/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
// Punch between two kinds of NAT, with real nodes in network namespaces: `run.ts <type of a> <type of b> [runs] [loss %]`.
// Prints one line a run, with what b, which dials, saw.
import { buildLab } from '@p2pshare/netlab'
import type { NatType } from '@p2pshare/netlab'
import { LabPeer } from './lab-peer.ts'

const [a = 'port-restricted', b = 'port-restricted', runs = '1', loss = '0'] = process.argv.slice(2)
const PEER = new URL('./peer.ts', import.meta.url)
/** Peers ask for the class right after they start; TCP follows it. */
const SETTLE_MS = 2_500

for (let run = 0; run < Number(runs); run++) {
  await using lab = await buildLab({
    name: 'punch',
    a: a as NatType,
    b: b as NatType,
    lossPercent: Number(loss)
  })
  try {
    const relay = new LabPeer(lab.hosts.relay, PEER, ['relay'])
    const address = (await relay.says('ready'))['ready']
    const [pa, pb] = [lab.hosts.a, lab.hosts.b].map((host) => new LabPeer(host, PEER, ['peer', String(address)]))
    const ready = await Promise.all([pa?.says('ready'), pb?.says('ready')])
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    pb?.tell(`${String(address)}/p2p-circuit/p2p/${String(ready[0]?.['id'])}`)
    const met = await pb?.says('relayed', 'undialled')
    const result = await pb?.says('success', 'failed', 'undialled')
    process.stdout.write(`${a} x ${b} ${JSON.stringify({ ...met, ...result })}\n`)
  } catch (error) {
    process.stdout.write(`${a} x ${b} ${String(error)}\n`)
  }
}

/* eslint-disable @nx/enforce-module-boundaries -- labs are tools that tests use */
import { buildLab } from '@p2pshare/netlab'
import { expect, test } from 'vitest'
import { LabPeer } from './lab-peer.ts'
import type { Line } from './lab-peer.ts'

const PROGRAM = new URL('./webrtc-peer.ts', import.meta.url)

/** Two nodes behind port-restricted NATs meet at a relay; what each of them said of it. */
async function meet(stun: 'with' | 'without'): Promise<[initiator: Line, responder: Line]> {
  await using lab = await buildLab({ name: `webrtc-${stun}`, a: 'port-restricted', b: 'port-restricted' })
  const relay = String((await new LabPeer(lab.hosts.relay, PROGRAM, ['relay', stun]).says('ready'))['ready'])
  const [a, b] = [
    new LabPeer(lab.hosts.a, PROGRAM, ['peer', relay]),
    new LabPeer(lab.hosts.b, PROGRAM, ['peer', relay])
  ]
  const [{ id }] = await Promise.all([a.says('ready'), b.says('ready')])
  if (stun === 'with') {
    await Promise.all([a.says('nat'), b.says('nat')])
  }
  b.tell(`${relay}/p2p-circuit/p2p/${String(id)}`)
  return await Promise.all([b.says('success', 'failed', 'undialled'), a.says('success', 'failed', 'undialled')])
}

test('WebRTC goes through two port-restricted NATs with the STUN server that the relay runs', async () => {
  const [initiator, responder] = await meet('with')
  expect(initiator).toMatchObject({ success: { role: 'initiator', strategy: 'webrtc' } })
  expect(responder).toMatchObject({ success: { role: 'responder', strategy: 'webrtc' } })
})

test('and does not without one, at neither end', async () => {
  for (const { failed } of await meet('without')) {
    expect(failed).toContainEqual(expect.objectContaining({ strategy: 'webrtc', outcome: 'failed' }))
  }
})

/* eslint-disable @nx/enforce-module-boundaries -- labs are tools that tests use */
import { buildLab, startTurnServer } from '@p2pshare/netlab'
import { expect, test } from 'vitest'
import { LabPeer } from './lab-peer.ts'
import type { Line } from './lab-peer.ts'

/** Three programs come up, one after the other. */
const GUARD_MS = 240_000
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

test(
  'with a TURN server it goes through two symmetric NATs, and data through the server',
  { timeout: GUARD_MS },
  async () => {
    await using lab = await buildLab({ name: 'webrtc-turn', a: 'symmetric', b: 'symmetric' })
    await using server = await startTurnServer(lab.hosts.relay)
    const { url, username, credential } = server
    const relay = String((await new LabPeer(lab.hosts.relay, PROGRAM, ['relay', 'with']).says('ready'))['ready'])
    const turn = JSON.stringify({ url, username, credential })
    const [a, b] = [
      new LabPeer(lab.hosts.a, PROGRAM, ['peer', relay, turn]),
      new LabPeer(lab.hosts.b, PROGRAM, ['peer', relay, turn])
    ]
    const [{ id }] = await Promise.all([a.says('ready'), b.says('ready')])
    b.tell(`${relay}/p2p-circuit/p2p/${String(id)}`)
    // what fails on a busy machine, for WebRTC has three seconds, is tried again
    expect(await b.says('success')).toMatchObject({ success: { strategy: 'webrtc' } })
    expect(await b.says('echoed')).toMatchObject({ echoed: 200_000 })
    // both NATs let in nobody else's packets, so this is where they went
    expect(await server.log()).toMatch(/CHANNEL_BIND processed|CREATE_PERMISSION processed/u)
  }
)

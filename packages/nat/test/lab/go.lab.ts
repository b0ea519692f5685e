/* eslint-disable @nx/enforce-module-boundaries -- labs are tools that tests use */
import { buildLab } from '@p2pshare/netlab'
import type { Lab } from '@p2pshare/netlab'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RELAY_MAX_BYTES, RELAY_MAX_DURATION_MS } from '../../src/constants.ts'
import { LabPeer } from './lab-peer.ts'

/** What `npm run interop -- --only go-libp2p` builds (tools/interop/go/reach.go). */
const GO = new URL('../../../../node_modules/.cache/p2pshare-interop/go-peer', import.meta.url)
const PROGRAM = new URL('./standard-peer.ts', import.meta.url)
const PORT = 4001

/** A node of go-libp2p that has met a relay of ours. */
async function meet({ hosts: { a, relay } }: Lab): Promise<LabPeer> {
  const { ready } = await new LabPeer(relay, PROGRAM, ['relay', String(relay.addresses[0])]).says('ready')
  const [inside, outside] = [a.addresses[0], a.publicAddresses[0]].map((host) => `/ip4/${host}/tcp/${PORT}`)
  return new LabPeer(a, GO, ['reach', String(ready), String(inside), String(outside)])
}

describe.skipIf(!existsSync(GO))('with go-libp2p', () => {
  test('each dials the other back for AutoNAT v2', async () => {
    await using lab = await buildLab({ name: 'go', a: 'public', b: 'public' })
    const go = await meet(lab)
    expect(await go.says('reachability')).toEqual({ reachability: 'Public' })
    expect(await go.says('asked')).toEqual({ asked: 'OK', dialled: 'OK' })
  })

  test('AutoNAT v2 of ours tells it when it cannot be dialled, and it is reached over our relay, within its limits', async () => {
    await using lab = await buildLab({ name: 'go', a: 'rst', b: 'port-restricted' })
    const go = await meet(lab)
    // its router refuses at once what nobody asked for
    expect(await go.says('reachability')).toEqual({ reachability: 'Private' })
    const seconds = RELAY_MAX_DURATION_MS / 1000
    const place = await go.says('circuit')
    expect(place).toMatchObject({ seconds, bytes: RELAY_MAX_BYTES, voucher: true })
    const peer = new LabPeer(lab.hosts.b, PROGRAM, ['dial', String(place['circuit'])])
    expect(await peer.says('seconds')).toEqual({ seconds, mebibytes: RELAY_MAX_BYTES / 2 ** 20 })
    expect(await peer.says('echoed')).toEqual({ echoed: 200_000 })
    expect(await go.says('limited')).toEqual({ limited: true })
  })
})

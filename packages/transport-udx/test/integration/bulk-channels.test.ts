import { randomBytes } from 'node:crypto'
import type { Connection } from '@libp2p/interface'
import { bulkChannelsSymbol } from '@p2pshare/interface'
import type { BulkChannel, BulkChannels } from '@p2pshare/interface'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { MAX_CHANNELS_PER_PEER } from '../../src/bulk/constants.ts'
import { MOVE_PROTOCOL } from '../../src/path/exchange.ts'
import { Kept } from '../support/bulk.ts'
import { cleanUpDatagrams, createRouter } from '../support/datagrams.ts'
import { addressOf, cleanUpNodes, createPair, portOf, until } from '../support/nodes.ts'

checkLeaks()
cleanUpDatagrams()
cleanUpNodes()

const MEBIBYTE = 1024 * 1024

interface End {
  readonly connection: Connection
  readonly channels: BulkChannels
}

function channelsOf(transport: { readonly [bulkChannelsSymbol]: BulkChannels | undefined }): BulkChannels {
  const { [bulkChannelsSymbol]: channels } = transport
  if (channels === undefined) {
    throw new TypeError('no bulk channels')
  }
  return channels
}

/** Two nodes that are connected, by way of a router if there is one. */
async function connected(viaRouter = false) {
  // who asks so often takes a machine that is busy for a path that died: only where a path does die
  const init = viaRouter ? { probeIntervalMs: 30, idleProbeIntervalMs: 60 } : {}
  const [alice, bob] = [await createPair(init), await createPair(init)]
  const router = viaRouter ? await createRouter(portOf(bob.node)) : undefined
  const outbound = await alice.node.dial(addressOf(router?.port ?? portOf(bob.node), bob.node.peerId))
  await until(() => bob.node.getConnections().length === 1)
  const [inbound] = bob.node.getConnections()
  if (inbound === undefined) {
    throw new TypeError('bob has no connection')
  }
  // the keys without which a connection does not move are agreed on beside what the test does
  const hasKeys = ({ streams }: Connection): boolean => streams.every(({ protocol }) => protocol !== MOVE_PROTOCOL)
  await until(() => router === undefined || (router.passed > 12 && hasKeys(outbound) && hasKeys(inbound)))
  const here: End = { connection: outbound, channels: channelsOf(alice.transport) }
  const there: End = { connection: inbound, channels: channelsOf(bob.transport) }
  return { alice: alice.node, bob: bob.node, router, here, there }
}

async function open(inviter: End, opener: End, sink: Kept): Promise<[BulkChannel, BulkChannel]> {
  const invitation = inviter.channels.invite(inviter.connection.remotePeer, {
    sink: new Kept(),
    connection: inviter.connection
  })
  const { remoteAddr, remotePeer } = opener.connection
  const opening = opener.channels.open(remoteAddr, remotePeer, invitation.token, {
    sink,
    connection: opener.connection
  })
  return Promise.all([invitation.channel, opening])
}

async function write(channel: BulkChannel, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.byteLength; at += MEBIBYTE) {
    if (!channel.write([data.subarray(at, at + MEBIBYTE)])) {
      await channel.drained()
    }
  }
}

test.each(['here', 'there'] as const)('data goes beside a connection, whoever invites: %s', async (side) => {
  const ends = await connected()
  const sink = new Kept()
  const [sender] = await open(ends[side], ends[side === 'here' ? 'there' : 'here'], sink)
  const data = randomBytes(6 * MEBIBYTE + 5)
  await write(sender, data)
  await until(() => sink.bytes === data.byteLength)
  expect(sink.all.equals(data)).toBe(true)
  expect(ends.here.channels.sharesPathOf?.(ends.here.connection)).toBe(true)
})

test('a connection that is closed ends its channels at both ends', async () => {
  const { here, there } = await connected()
  const channels = await open(here, there, new Kept())
  await here.connection.close()
  expect((await Promise.all(channels.map(async ({ closed }) => closed))).every((error) => error instanceof Error)).toBe(
    true
  )
})

test('a connection that moves to another address leaves its channels behind, and can have new ones there', async () => {
  const { here, there, router } = await connected(true)
  const channels = await open(here, there, new Kept())
  await router?.rebind()
  const ends = await Promise.all(channels.map(async ({ closed }) => closed))
  expect(ends.map((error) => error instanceof Error)).toEqual([true, true])
  expect(here.connection.status).toBe('open')
  const sink = new Kept()
  const [sender] = await open(here, there, sink)
  await write(sender, randomBytes(MEBIBYTE))
  await until(() => sink.bytes === MEBIBYTE)
})

test('who comes with another token is not heard, and an invitation ends when nobody comes', async () => {
  const { here, there } = await connected()
  const invitation = here.channels.invite(here.connection.remotePeer, {
    sink: new Kept(),
    connection: here.connection,
    lifetimeMs: 100
  })
  const { remoteAddr, remotePeer } = there.connection
  const opening = there.channels.open(remoteAddr, remotePeer, randomBytes(32), {
    sink: new Kept(),
    connection: there.connection,
    signal: AbortSignal.timeout(100)
  })
  await expect(opening).rejects.toMatchObject({ reason: 'unreachable' })
  await expect(invitation.channel).rejects.toMatchObject({ reason: 'not-taken' })
})

test('without a UDX connection with that very peer there is no channel', async () => {
  const { here, alice } = await connected()
  const sink = new Kept()
  expect(() => here.channels.invite(here.connection.remotePeer, { sink })).toThrow('no UDX connection')
  expect(() => here.channels.invite(alice.peerId, { sink, connection: here.connection })).toThrow('no UDX connection')
})

test('a peer has so many channels and not one more, until one ends', async () => {
  const { here } = await connected()
  const invite = () =>
    here.channels.invite(here.connection.remotePeer, { sink: new Kept(), connection: here.connection })
  const all = Array.from({ length: MAX_CHANNELS_PER_PEER }, invite)
  expect(invite).toThrow(expect.objectContaining({ limit: MAX_CHANNELS_PER_PEER }))
  all[0]?.cancel()
  await expect(all[0]?.channel).rejects.toMatchObject({ reason: 'not-taken' })
  invite()
})

import { randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Ban, Share } from '../../src/index.ts'
import { MAX_WRONG_LEAVES } from '../../src/swarm/misdeeds.ts'
import { asProvider, collect, finish, Harness, sameBytes, writeAlike } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()

afterEach(async () => harness.stop())

async function seed(bytes: Uint8Array): Promise<{ seeder: TestNode; share: Share; path: string; directory: string }> {
  const directory = await harness.directory()
  const path = join(directory, 'content')
  await writeAlike(path, bytes)
  const seeder = await harness.node()
  return { seeder, share: await seeder.services.transfer.share(path), path, directory }
}

function bannedBy({ services: { transfer } }: TestNode): Ban[] {
  const bans: Ban[] = []
  transfer.addEventListener('peer:banned', ({ detail }) => bans.push(detail))
  return bans
}

describe('a peer', () => {
  test('that sends wrong leaves is banned after MAX_WRONG_LEAVES, named with the reason, over restarts', async () => {
    const { seeder, share, path, directory } = await seed(randomFillSync(new Uint8Array(8 * MIB)))
    await writeAlike(path, randomFillSync(new Uint8Array(8 * MIB)))
    const home = await harness.directory()
    const leecher = await harness.node({ directory: home })
    const bans = bannedBy(leecher)
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_VERIFICATION_FAILED'
    })
    expect(bans).toMatchObject([{ reason: 'wrong-bytes', count: MAX_WRONG_LEAVES }])
    expect(bans[0]?.peer.equals(seeder.peerId)).toBe(true)
    await leecher.services.transfer.unban(bans[0]?.peer ?? leecher.peerId)
    await leecher.services.transfer.ban(seeder.peerId)
    await leecher.stop()

    const again = await harness.node({ directory: home })
    expect(again.services.transfer.bans().map(({ peer, reason }) => [peer.toString(), reason])).toEqual([
      [seeder.peerId.toString(), 'user']
    ])
  })

  test('that is banned is not dialled, and the error says why; unbanned in time, it is', async () => {
    const bytes = randomFillSync(new Uint8Array(2 * MIB))
    const { seeder, share, directory } = await seed(bytes)
    const leecher = await harness.node()
    const { transfer } = leecher.services
    await transfer.ban(seeder.peerId)
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await expect(collect(transfer.get(share.root, { ...options, findTimeoutMs: 100 }))).rejects.toMatchObject({
      code: 'ERR_PROVIDERS_UNREACHABLE',
      cause: { code: 'ERR_PEER_BANNED' }
    })
    expect(leecher.getConnections()).toEqual([])

    const aborted = { signal: AbortSignal.abort(new TypeError('not now')) }
    await expect(transfer.unban(seeder.peerId, aborted)).rejects.toThrow('not now')
    await expect(transfer.ban(leecher.peerId, aborted)).rejects.toThrow('not now')
    expect(transfer.bans()).toHaveLength(1)

    const getting = finish(transfer.get(share.root, { ...options, findTimeoutMs: 60_000 }))
    await expect.poll(() => transfer.shares().length).toBe(1)
    expect(await transfer.unban(seeder.peerId)).toBe(true)
    await getting
    await expect(transfer.unshare(share.root, aborted)).rejects.toThrow('not now')
    await expect(transfer.choose(share.root, {}, aborted)).rejects.toThrow('not now')
    expect(transfer.shares()).toHaveLength(1)
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('that is banned while it fetches loses its session, and is not served again', async () => {
    const { seeder, share, directory } = await seed(randomFillSync(new Uint8Array(64 * MIB)))
    const leecher = await harness.node()
    seeder.services.transfer.setLimits({ uploadBytesPerSecond: 4 * MIB })
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    let left = ''
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      if (event.type === 'peer' && event.state === 'joined') {
        await seeder.services.transfer.ban(leecher.peerId)
      }
      if (event.type === 'peer' && event.state === 'left') {
        left = event.reason
        break
      }
    }
    expect(left).toBe('the peer refused: banned')
    await expect(
      collect(leecher.services.transfer.get(share.root, { ...options, findTimeoutMs: 2000 }))
    ).rejects.toMatchObject({ code: 'ERR_PROVIDERS_UNREACHABLE' })
  })
})

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TypedEventEmitter } from '@libp2p/interface'
import type { PeerId, Startable } from '@libp2p/interface'
import type { Member, MembershipEvents, MembershipView, MemberState } from '@p2pshare/interface'
import { afterEach, expect, test } from 'vitest'
import type { Transfer } from '../../src/index.ts'
import { asProvider, Harness, sameBytes } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()
afterEach(() => harness.stop())

/** Membership that is told what to say. */
class Members extends TypedEventEmitter<MembershipEvents> implements MembershipView {
  readonly #members = new Map<string, Member>()

  members(): readonly Member[] {
    return [...this.#members.values()]
  }

  member(peer: PeerId): Member | undefined {
    return this.#members.get(peer.toString())
  }

  say(id: PeerId, state: MemberState, type?: keyof MembershipEvents): void {
    const detail = { id, state, since: Date.now() }
    this.#members.set(id.toString(), detail)
    if (type !== undefined) {
      this.safeDispatchEvent(type, { detail })
    }
  }
}

test('a source that left is no source from that moment, and what it was to send comes from another', async () => {
  const directory = await harness.directory()
  const bytes = randomBytes(4 * MIB)
  await writeFile(join(directory, 'a.bin'), bytes)
  // one that would take half a minute for it, and that keeps its connections open
  const slow = await harness.node({ uploadBytesPerSecond: 128 * 1024 })
  const fast = await harness.node()
  const { root } = await slow.services.transfer.share(join(directory, 'a.bin'))
  await fast.services.transfer.share(join(directory, 'a.bin'))

  const members = new Members()
  members.say(slow.peerId, 'alive')
  members.say(fast.peerId, 'dead')
  const getter = await harness.node()
  // the service is one that libp2p starts and stops: the collaborators come before the start
  const service = getter.services.transfer as Transfer & Startable
  await service.stop()
  service.use({ membership: members })
  await service.start()
  const seen: string[] = []
  const providers = [asProvider(slow), asProvider(fast)]
  for await (const event of getter.services.transfer.get(root, { output: directory, name: 'b.bin', providers })) {
    if (event.type !== 'peer') {
      continue
    }
    const isSlow = event.peer.equals(slow.peerId)
    seen.push(`${isSlow ? 'slow' : 'fast'} ${event.state}`)
    if (isSlow && event.state === 'joined') {
      members.say(slow.peerId, 'left', 'member:leave')
    }
  }
  expect(seen.slice(0, 3)).toEqual(['slow joined', 'slow left', 'fast joined'])
  expect(await sameBytes(join(directory, 'b.bin'), bytes)).toBe(true)
})

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { CID } from 'multiformats/cid'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { MAX_KNOWN_NAMES, NAME_CHECK_MS, NAME_LIFETIME_MS, NAME_REPUBLISH_MS } from '../../src/names/constants.ts'
import { nameOfKey, nameToKey, nameToText } from '../../src/names/name.ts'
import type { NameNetwork } from '../../src/names/name-client.ts'
import { signNameRecord } from '../../src/names/name-record.ts'
import { NameServer, wrap } from '../../src/names/name-server.ts'
import { NameService } from '../../src/names/name-service.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { KadMessage } from '../../src/wire/messages.ts'

const ROOTS = [
  'bafkreief7we5g2wt7joct2265ktcmrakq7z4zbcbzgwaf5hfba6wj5dtrm',
  'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
].map((text) => CID.parse(text))
const [ONE, TWO] = ROOTS as [CID, CID]
const logger = defaultLogger()
const log = logger.forComponent('test')

let now = Date.parse('2026-11-24T00:00:00Z')
const clock = (): number => now

const keyOf = async (n: number): Promise<PrivateKey> => generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(n))

/** Holders that all nodes of a test ask, in memory; those in `silent` do not answer. */
class Holders implements NameNetwork<NameServer> {
  readonly servers: NameServer[]
  readonly silent = new Set<NameServer>()
  readonly sender: PeerId
  requests = 0

  constructor(count: number, sender: PeerId, datastore = new MemoryDatastore()) {
    this.sender = sender
    this.servers = Array.from({ length: count }, (_, index) => server(index, datastore))
  }

  async closest(): Promise<readonly NameServer[]> {
    return this.servers
  }

  async request(peer: NameServer, message: KadMessage): Promise<KadMessage> {
    this.requests += 1
    const answer = this.silent.has(peer) ? undefined : await peer.answer(this.sender, message)
    if (answer === undefined) {
      throw new TypeError('no answer')
    }
    return answer
  }
}

function server(index: number, datastore = new MemoryDatastore()): NameServer {
  const closer = async (): Promise<[]> => []
  return new NameServer({ datastore, prefix: `/names/${index}`, distance: () => 0, closer, log, now: clock })
}

async function service(network: Holders, datastore = new MemoryDatastore()): Promise<NameService<NameServer>> {
  const names = new NameService({ network, datastore, prefix: '/known', log, now: clock })
  await names.start()
  return names
}

let holders: Holders
let key: PrivateKey

beforeEach(async () => {
  now = Date.parse('2026-11-24T00:00:00Z')
  key = await keyOf(1)
  holders = new Holders(20, peerIdFromPrivateKey(await keyOf(99)))
})

describe('a name', () => {
  test('is found by others, and changes', async () => {
    const [owner, reader] = [await service(holders), await service(holders)]
    const first = await owner.publish(key, ONE)
    expect(first).toMatchObject({ name: nameToText(nameOfKey(key)), sequence: 0n, validUntil: now + NAME_LIFETIME_MS })
    expect((await reader.resolve(first.name)).root).toEqual(ONE)
    expect(await owner.publish(key, TWO)).toMatchObject({ sequence: 1n })
    expect(await reader.resolve(first.name, { fresh: true })).toMatchObject({ root: TWO, path: '', sequence: 1n })
  })

  test('is answered from memory while its record says so', async () => {
    const [owner, reader] = [await service(holders), await service(holders)]
    const { name } = await owner.publish(key, ONE, { ttlMs: 60_000 })
    await reader.resolve(name)
    const before = holders.requests
    now += 59_999
    await reader.resolve(name)
    expect(holders.requests).toBe(before)
    now += 1
    await reader.resolve(name)
    expect(holders.requests).toBeGreaterThan(before)
  })

  test('of which nobody knows is an error that says so', async () => {
    const reader = await service(holders)
    await expect(reader.resolve(nameToText(nameOfKey(key)))).rejects.toMatchObject({ code: 'ERR_NAME_UNRESOLVED' })
  })

  test('keeps its sequence where its key was used elsewhere before, and over a restart', async () => {
    const datastore = new MemoryDatastore()
    await (await service(holders)).publish(key, ONE)
    const second = await service(holders, datastore)
    expect(await second.publish(key, TWO)).toMatchObject({ sequence: 1n })
    second.stop()
    const alone = new Holders(20, holders.sender)
    expect(await (await service(alone, datastore)).publish(key, ONE)).toMatchObject({ sequence: 2n })
  })

  test('that is published again stands for the same with the same sequence, for longer', async () => {
    const owner = await service(holders)
    await owner.publish(key, ONE)
    now += 60_000
    expect(await owner.publish(key, ONE)).toMatchObject({ sequence: 0n, validUntil: now + NAME_LIFETIME_MS })
  })

  test('that too few take is an error, and remembered', async () => {
    holders.servers.slice(4).forEach((each) => holders.silent.add(each))
    const owner = await service(holders)
    await expect(owner.publish(key, ONE)).rejects.toMatchObject({ code: 'ERR_NAME_NOT_PUBLISHED', acks: 4 })
    expect(owner.published()).toMatchObject([{ root: ONE }])
    const nobody = await service(new Holders(0, holders.sender))
    await expect(nobody.publish(key, ONE)).rejects.toMatchObject({ acks: 0 })
  })
})

describe('time', () => {
  test('a record is told again every NAME_REPUBLISH_MS, renewed where the key is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const datastore = new MemoryDatastore()
    const owner = await service(holders, datastore)
    const { name } = await owner.publish(key, ONE)
    const before = holders.requests
    await owner.republish()
    expect(holders.requests).toBe(before)
    now += NAME_REPUBLISH_MS
    await owner.republish()
    expect(holders.requests).toBe(before + 20)
    expect((await (await service(holders)).resolve(name)).validUntil).toBe(now + NAME_LIFETIME_MS)
    owner.stop()
    const later = await service(holders, datastore)
    vi.advanceTimersByTime(NAME_CHECK_MS)
    await vi.waitFor(() => {
      expect(holders.requests).toBeGreaterThanOrEqual(before + 60)
    })
    later.stop()
    vi.useRealTimers()
  })

  test('nothing is believed after its end', async () => {
    const owner = await service(holders)
    const { name } = await owner.publish(key, ONE)
    const reader = await service(holders)
    await reader.resolve(name)
    now += NAME_LIFETIME_MS
    await expect(reader.resolve(name)).rejects.toMatchObject({ code: 'ERR_NAME_UNRESOLVED' })
  })
})

describe('a sequence never goes back', () => {
  const put = async (to: NameServer, value: CID, sequence: bigint): Promise<unknown> => {
    const fields = { value: `/ipfs/${value.toString()}`, validUntil: now + 1_000_000, ttlMs: 0 }
    const { bytes } = await signNameRecord(key, { ...fields, sequence })
    const at = Uint8Array.from(nameToKey(nameOfKey(key)))
    const message = { type: MessageType.PUT_VALUE, key: at, record: wrap(at, bytes), closer: [], providers: [] }
    return to.answer(holders.sender, message)
  }

  test('at a holder, also after it has started again', async () => {
    const datastore = new MemoryDatastore()
    const first = server(0, datastore)
    await first.start()
    await put(first, TWO, 5n)
    await expect(put(first, ONE, 4n)).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
    await first.stop()
    const again = server(0, datastore)
    await again.start()
    expect(again.size.names).toBe(1)
    await expect(put(again, ONE, 4n)).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE' })
    await expect(put(again, ONE, 6n)).resolves.toBeDefined()
    await again.stop()
  })

  test('at a reader, whom all holders show an old record; and holders that have an old one are told', async () => {
    const [owner, reader] = [await service(holders), await service(holders)]
    const { name } = await owner.publish(key, ONE)
    await owner.publish(key, TWO)
    await reader.resolve(name)
    const old = new Holders(20, holders.sender)
    for (const each of old.servers) {
      await put(each, ONE, 0n)
    }
    holders.servers.splice(0, 20, ...old.servers)
    expect(await reader.resolve(name, { fresh: true })).toMatchObject({ root: TWO, sequence: 1n })
    const [newest] = old.servers
    if (newest !== undefined) {
      await put(newest, TWO, 7n)
    }
    expect(await (await service(holders)).resolve(name)).toMatchObject({ sequence: 7n })
    await vi.waitFor(async () => {
      const answers = await Promise.all(old.servers.map(async (each) => put(each, ONE, 6n).catch(() => 'older')))
      expect(new Set(answers)).toEqual(new Set(['older']))
    })
  })
})

test('MAX_KNOWN_NAMES: one more, and the one that was not used longest is forgotten', async () => {
  const { KnownNames } = await import('../../src/names/known-names.ts')
  const datastore = new MemoryDatastore()
  const known = new KnownNames(datastore, '/known')
  const { bytes } = await signNameRecord(key, { value: '/ipfs/x', sequence: 0n, validUntil: now, ttlMs: 0 })
  const record = { value: '/ipfs/x', sequence: 0n, validUntil: now, ttlMs: 0, bytes }
  const nameAt = (n: number): PeerId => peerIdOf(n)
  for (let n = 0; n < MAX_KNOWN_NAMES; n++) {
    await known.learn({ name: nameAt(n), record, own: false })
  }
  expect(known.get(nameAt(0))).toBeDefined()
  await known.learn({ name: nameAt(MAX_KNOWN_NAMES), record, own: false })
  expect([known.get(nameAt(0)), known.get(nameAt(1)) === undefined]).toEqual([undefined, false])
})

/** Ids that only differ; nobody has their keys. */
function peerIdOf(n: number): PeerId {
  const id = peerIdFromPrivateKey(key)
  const text = `k51n${n}`
  return { ...id, toCID: () => ({ toString: () => text }) } as unknown as PeerId
}

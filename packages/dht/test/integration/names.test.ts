import { generateKeyPair } from '@libp2p/crypto/keys'
import { CID } from 'multiformats/cid'
import { afterEach, expect, test } from 'vitest'
import { createStar, stopNet } from '../support/network.ts'
import type { Net } from '../support/network.ts'

const [ONE, TWO] = [
  'bafkreief7we5g2wt7joct2265ktcmrakq7z4zbcbzgwaf5hfba6wj5dtrm',
  'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
].map((text) => CID.parse(text)) as [CID, CID]

let net: Net | undefined

afterEach(async () => {
  await (net === undefined ? undefined : stopNet(net))
  net = undefined
})

test('a name is published by one node of a network, resolved by another, and changes', async () => {
  net = await createStar(8)
  const [owner, reader] = [net.nodes[2], net.nodes[5]]
  const key = await generateKeyPair('Ed25519')
  const published = await owner?.services.dht.names.publish(key, ONE)
  expect(published).toMatchObject({ root: ONE, sequence: 0n })
  const { name = '' } = published ?? {}
  expect((await reader?.services.dht.names.resolve(name))?.root).toEqual(ONE)
  await owner?.services.dht.names.publish(key, TWO)
  expect(await reader?.services.dht.names.resolve(name, { fresh: true })).toMatchObject({ root: TWO, sequence: 1n })
})

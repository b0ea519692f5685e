import { expect, test } from 'vitest'
import { CID } from 'multiformats/cid'
import { createNode, until, take } from './support/network.ts'
test('x', async () => {
  const root = CID.parse('bafkreiaaaaaacaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
  const [a, b, c] = [await createNode(), await createNode(), await createNode()]
  const t0 = performance.now()
  const p = (...s: unknown[]) => console.log((performance.now() - t0).toFixed(1), ...s)
  const names = new Map([[a.peerId.toString(), 'a'], [b.peerId.toString(), 'b'], [c.peerId.toString(), 'c']])
  for (const x of [a, b, c]) for (const e of ['join', 'leave', 'dead'] as const) x.services.gossip.addEventListener(`member:${e}`, (evt) => p(names.get(x.peerId.toString()), e, names.get(evt.detail.id.toString())))
  await b.dial(a.getMultiaddrs())
  await c.dial(a.getMultiaddrs())
  await until(() => [a, b, c].every((x) => x.services.gossip.members().length === 2))
  p('all')
  const t1 = performance.now()
  const got = await Promise.all([a, b, c].map(async (x) => take(x.services.gossip.exchange(root), 2)))
  p('exchange', performance.now() - t1, got.map((g) => g.map((y) => names.get(y.id.toString()) + y.multiaddrs.join())))
  await c.stop()
  p('c stopped')
  await until(() => [a, b].every((x) => x.services.gossip.member(c.peerId)?.state !== 'alive'))
  p(a.services.gossip.members(), b.services.gossip.members())
  await b.stop()
  await a.stop()
  expect(1).toBe(1)
})

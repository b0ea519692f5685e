import { beforeEach, expect, test } from 'vitest'
import { Directory } from '../../src/members/directory.ts'
import { Intake } from '../../src/members/intake.ts'
import { Signatures } from '../../src/members/signatures.ts'
import { Roster } from '../../src/membership/roster.ts'
import type { Claim, MembershipMessage } from '../../src/membership/types.ts'
import { TokenBucket } from '../../src/token-bucket.ts'
import { encodeMessage } from '../../src/wire/frame-codec.ts'
import { createSigner } from '../support/claims.ts'

const [self, ann, bob, eve] = await Promise.all([createSigner(), createSigner(), createSigner(), createSigner()])

/** Signatures that may be checked. */
const CHECKS = { burst: 20, perSecond: 10 }

let delivered: MembershipMessage[]
let isNews: (claim: Claim) => boolean
let directory: Directory
let intake: Intake
let now: number

beforeEach(() => {
  delivered = []
  now = 0
  isNews = () => true
  directory = new Directory(new Roster({ capacity: 4 }), '')
  directory.add(self.peer)
  directory.add(ann.peer)
  const checks = new TokenBucket(CHECKS, 0)
  intake = new Intake({
    directory,
    signatures: new Signatures(self.key, self.peer, ''),
    machine: { isNews: (claim) => isNews(claim) },
    meterOf: () => ({ checkWaitMs: () => checks.waitMs(now), check: () => checks.spend(1, now) }),
    now: () => now,
    pause: async (ms) => {
      now += Math.max(1, ms)
    },
    deliver: (_, message) => delivered.push(message)
  })
})

const frameOf = (...wires: Uint8Array[]): Uint8Array =>
  encodeMessage({ type: 'push', hops: 2, claims: wires.map((wire): Claim => ({ ...EMPTY, wire })) })
const EMPTY: Claim = { kind: 'left', subject: 0, incarnation: 1, signer: 0, id: 0, bytes: 0, wire: new Uint8Array() }
const suspicion = async (accuser = ann): Promise<Uint8Array> =>
  (await accuser.sign({ kind: 'suspect', subject: bob.bytes, accuser: ann.bytes, evidence: 'silent' })).wire

test('a claim of a stranger makes it known', async () => {
  const { wire, id } = await bob.sign({ incarnation: 9 })
  await intake.take(ann.peer, frameOf(wire))
  const subject = directory.indexOf(bob.bytes)
  expect(subject).toBeDefined()
  expect(delivered).toMatchObject([
    {
      type: 'push',
      hops: 2,
      stale: [],
      claims: [{ kind: 'alive', subject, signer: subject, incarnation: 9, id, wire }]
    }
  ])
})

test('what is no news is left out, unchecked, and named', async () => {
  isNews = () => false
  const { wire, id } = await ann.sign({})
  await intake.take(ann.peer, frameOf(wire.with(-1, 0), wire))
  expect(delivered).toEqual([{ type: 'push', hops: 2, claims: [], stale: [id, id] }])
})

test('a forged claim is the fault of who brings it', async () => {
  const forged = (await eve.sign({ subject: bob.bytes })).wire
  expect(() => intake.take(ann.peer, frameOf(forged))).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
  expect(directory.indexOf(bob.bytes)).toBeUndefined()
  expect(delivered).toEqual([])
})

test('a forged vote behind the life that it is about is checked, though it was no news before', async () => {
  directory.add(bob.peer)
  isNews = ({ kind }) => kind === 'alive'
  const { wire } = await bob.sign({ incarnation: 2 })
  expect(() => intake.take(ann.peer, frameOf(wire, forgedVote))).toThrow(
    expect.objectContaining({ name: 'InvalidMessageError' })
  )
})
const forgedVote = await suspicion(eve)

test('a vote behind the life of a stranger counts, one about somebody unknown does not', async () => {
  const vote = await suspicion()
  await intake.take(ann.peer, frameOf(vote))
  expect(delivered).toMatchObject([{ claims: [], stale: [expect.any(Number)] }])
  const { wire } = await bob.sign({})
  await intake.take(ann.peer, frameOf(wire, vote))
  expect(delivered[1]).toMatchObject({
    claims: [{ kind: 'alive' }, { kind: 'suspect', signer: directory.indexOf(ann.bytes) }]
  })
})

test('when there is no room for a stranger the rest of the message stands', async () => {
  for (const { peer } of await Promise.all([createSigner(), createSigner()])) {
    directory.add(peer)
  }
  const mine = await ann.sign({})
  await intake.take(ann.peer, frameOf((await bob.sign({})).wire, mine.wire))
  expect(delivered).toMatchObject([{ claims: [{ id: mine.id }] }])
})

test('claims that come too fast to be checked wait for their turn, and none is lost', async () => {
  const { wire } = await ann.sign({})
  await intake.take(ann.peer, frameOf(...Array.from({ length: CHECKS.burst + 10 }, () => wire)))
  expect(delivered).toMatchObject([{ claims: { length: CHECKS.burst + 10 } }])
  expect(now).toBeGreaterThanOrEqual(9_000 / CHECKS.perSecond)
})

test('messages without claims go straight on', () => {
  const message: MembershipMessage = { type: 'want', ids: [1, 2] }
  expect(intake.take(ann.peer, encodeMessage(message))).toBeUndefined()
  expect(delivered).toEqual([message])
})

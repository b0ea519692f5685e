import type { LimitsInForce, P2PShareNode, RateLimits } from '@p2pshare/core'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { MIN_BYTES_PER_SECOND } from '../config/schema.ts'
import { shapeFault } from '../config/validate.ts'
import { RequestError } from '../errors.ts'

/** Shares or peers in one request: as many as a person sets, and well within `HTTP_LIMITS.maxBodyBytes`. */
export const MAX_LIMITED = 64

/** A CID of 32 bytes and a peer id are about 60 characters; none that libp2p makes has more than this. */
export const MAX_ID_LENGTH = 128

const closed = { additionalProperties: false }

const Cap = Type.Unsafe<number | null>({
  type: ['integer', 'null'],
  minimum: MIN_BYTES_PER_SECOND,
  maximum: Number.MAX_SAFE_INTEGER
})

const caps = { uploadBytesPerSecond: Type.Optional(Cap), downloadBytesPerSecond: Type.Optional(Cap) }

const Id = Type.String({ pattern: `^[\\w-]{1,${MAX_ID_LENGTH}}$` })

const ById = Type.Record(Id, Type.Object(caps, closed), { ...closed, maxProperties: MAX_LIMITED })

/**
 * Caps in bytes a second: of the node, of shares by their CID, and of peers by their id. `null` is no cap. As a patch
 * (RFC 7396) what is left out stays as it is.
 */
export const LimitsSchema = Type.Object({ ...caps, shares: Type.Optional(ById), peers: Type.Optional(ById) }, closed)

/** What `PATCH /api/v1/limits` takes. */
export type LimitsPatch = Static<typeof LimitsSchema>

/** What `GET /api/v1/limits` answers: complete for the node; shares and peers without a cap are left out. */
export type LimitsDocument = Required<LimitsPatch>

/** The part of a node that limits are read from and written to. */
export type LimitedNode = Pick<P2PShareNode, 'limits' | 'setLimits' | 'limitShare' | 'limitPeer'>

/** The caps of a node as JSON. */
export function toLimitsDocument({ node, shares, peers }: LimitsInForce): LimitsDocument {
  return {
    uploadBytesPerSecond: node.uploadBytesPerSecond ?? null,
    downloadBytesPerSecond: node.downloadBytesPerSecond ?? null,
    shares: Object.fromEntries(shares.map(({ root, ...limits }) => [root.toString(), limits])),
    peers: Object.fromEntries(peers.map(({ peer, ...limits }) => [peer.toString(), limits]))
  }
}

/** Set what a request names. Throws `RequestError` for one that cannot be meant; nothing of its shape is changed then. */
export function patchLimits(node: LimitedNode, input: unknown): void {
  const fault = shapeFault(LimitsSchema, input)
  if (fault !== undefined) {
    throw new RequestError(`${fault.key === '' ? 'the body' : fault.key} ${fault.problem}`)
  }
  const { shares = {}, peers = {}, ...own } = input as LimitsPatch
  node.setLimits(toRateLimits(own))
  each('shares', shares, (root, limits) => node.limitShare(root, limits))
  each('peers', peers, (peer, limits) => node.limitPeer(peer, limits))
}

function each(
  key: string,
  entries: Readonly<Record<string, Omit<LimitsPatch, 'shares' | 'peers'>>>,
  set: (id: string, limits: RateLimits) => void
): void {
  for (const [id, limits] of Object.entries(entries)) {
    try {
      set(id, toRateLimits(limits))
    } catch (cause) {
      throw new RequestError(`${key}: ${JSON.stringify(id)} is not an id that can be limited`, { cause })
    }
  }
}

/** JSON has no Infinity. */
function toRateLimits(limits: Omit<LimitsPatch, 'shares' | 'peers'>): RateLimits {
  return Object.fromEntries(Object.entries(limits).map(([name, cap]) => [name, cap ?? Infinity]))
}

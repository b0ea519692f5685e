import { InvalidMessageError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import { MAX_LEAVES } from '../constants.ts'
import type { Range } from '../swarm/bitfield.ts'
import { MessageReader } from '../varint.ts'
import {
  MAX_CID_BYTES,
  MAX_CONTROL_BYTES,
  MAX_CONTROL_FIELDS,
  MAX_LEAF_BLOCKS,
  MAX_NODE_CIDS,
  MAX_RUNS,
  SESSION_ID_BYTES
} from './limits.ts'
import { channelFromWire, channelToWire } from './channel-message.ts'
import type { ChannelMessage } from './channel-message.ts'
import * as wire from './messages.ts'
import { decodeRanges, encodeRanges } from './ranges.ts'

/** A run of blocks of one leaf: the unit of REQUEST, CANCEL and stealing. */
export interface Run {
  readonly leaf: number
  readonly first: number
  readonly count: number
}

export type LaneName = 'control' | 'data'

/** Why something was refused. `unknown-root` and `banned` end a session; the others name runs or a GET_NODES. */
export type RejectReason = 'unknown-root' | 'not-held' | 'busy' | 'gone' | 'duplicate' | 'banned'

/** What the control lane says (SPEC.md#messages). */
export type Message =
  | ({
      readonly type: 'hello'
      readonly root: CID
      readonly lane: LaneName
      readonly session: Uint8Array
    } & HelloMove)
  | {
      readonly type: 'want'
      readonly ranges: readonly Range[]
      readonly urgent: boolean
      /** The ranges join those of the WANTs before instead of replacing them. @default false */
      readonly adds?: boolean
    }
  | { readonly type: 'have' | 'offer' | 'pass'; readonly ranges: readonly Range[] }
  | { readonly type: 'grant'; readonly leaves: number }
  | { readonly type: 'request' | 'cancel'; readonly runs: readonly Run[] }
  | { readonly type: 'reject'; readonly reason: RejectReason; readonly runs: readonly Run[]; readonly nodes: number }
  | ({ readonly type: 'ack'; readonly bytes: number } & AckMove)
  /** The session is over, and nothing went wrong. */
  | { readonly type: 'end' }
  /** First on the control lane of a move: how many messages its sender had said before the next one. */
  | { readonly type: 'resume'; readonly place: number }
  | { readonly type: 'get-nodes'; readonly id: number; readonly cids: readonly CID[] }
  | ChannelMessage

/** What a HELLO says about moves (SPEC.md#moves); what is absent is not said. */
export interface HelloMove {
  /** Its sender can move a session. */
  readonly moves?: true
  /** The lane is one of this move of a session that is there; from 1 on. */
  readonly move?: number
  /** Control messages of the session that its sender has heard; 0 where it is absent. */
  readonly heard?: number
}

/** What an ACK says where sessions can move; what is absent is 0, or not so. */
export interface AckMove {
  /** The move that brought the data lane. */
  readonly move?: number
  /** Nothing more is taken from that lane: what did not arrive has to come by another one. */
  readonly last?: true
  /** Control messages of the session that its sender has heard. */
  readonly heard?: number
}

const REASONS: Readonly<Record<RejectReason, wire.Reason>> = {
  'unknown-root': wire.Reason.UNKNOWN_ROOT,
  'not-held': wire.Reason.NOT_HELD,
  busy: wire.Reason.BUSY,
  gone: wire.Reason.GONE,
  duplicate: wire.Reason.DUPLICATE,
  banned: wire.Reason.BANNED
}

/** The bytes of one message, without a length before them. Callers keep the limits: nothing is checked here. */
export function encodeMessage(message: Message): Uint8Array {
  return new Uint8Array(wire.Control.encode(toWire(message)))
}

/** Throws only `InvalidMessageError`, whatever the bytes are. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.byteLength > MAX_CONTROL_BYTES) {
    throw new InvalidMessageError(`control message of ${bytes.byteLength} bytes, at most ${MAX_CONTROL_BYTES}`)
  }
  checkFields(bytes)
  const control = parse(bytes)
  const parts = Object.keys(control).length
  if (parts !== 1) {
    throw new InvalidMessageError(`control message with ${parts} parts, expected one`)
  }
  return fromWire(control)
}

/** A part that is said again replaces the one before: 64 KiB of empty ones would be megabytes of garbage. */
function checkFields(bytes: Uint8Array): void {
  const reader = new MessageReader(bytes)
  for (let fields = 0; !reader.done; fields++) {
    if (fields === MAX_CONTROL_FIELDS) {
      throw new InvalidMessageError(`control message with more than ${MAX_CONTROL_FIELDS} fields`)
    }
    reader.skip(reader.varint() % 8)
  }
}

function parse(bytes: Uint8Array): wire.Control {
  const runs = MAX_RUNS
  try {
    return wire.Control.decode(bytes, {
      limits: { request: { runs }, cancel: { runs }, reject: { runs }, getNodes: { cids: MAX_NODE_CIDS } }
    })
  } catch (error) {
    throw new InvalidMessageError('control message does not decode', { cause: error })
  }
}

function toWire(message: Message): wire.Control {
  switch (message.type) {
    case 'hello':
      return {
        hello: {
          root: new Uint8Array(message.root.bytes),
          lane: message.lane === 'data' ? wire.Lane.DATA : wire.Lane.CONTROL,
          session: new Uint8Array(message.session),
          moves: message.moves ?? false,
          move: message.move ?? 0,
          heard: message.heard ?? 0
        }
      }
    case 'want':
      return { want: { ranges: encodeRanges(message.ranges), urgent: message.urgent, adds: message.adds ?? false } }
    case 'have':
    case 'offer':
    case 'pass':
      return { [message.type]: { ranges: encodeRanges(message.ranges) } }
    case 'grant':
      return { grant: { leaves: message.leaves } }
    case 'request':
    case 'cancel':
      return { [message.type]: { runs: message.runs.map((run) => ({ ...run })) } }
    case 'reject':
      return {
        reject: {
          reason: REASONS[message.reason],
          runs: message.runs.map((run) => ({ ...run })),
          nodes: message.nodes
        }
      }
    case 'ack':
      return {
        ack: {
          bytes: message.bytes,
          move: message.move ?? 0,
          last: message.last ?? false,
          heard: message.heard ?? 0
        }
      }
    case 'end':
      return { end: {} }
    case 'resume':
      return { resume: { place: message.place } }
    case 'get-nodes':
      return { getNodes: { id: message.id, cids: message.cids.map((cid) => new Uint8Array(cid.bytes)) } }
    case 'channel':
      return { channel: channelToWire(message) }
    case 'channel-reply':
      return { channelReply: channelToWire(message) }
  }
}

function fromWire(control: wire.Control): Message {
  const { hello, want, have, grant, offer, request, pass, cancel, reject, getNodes, ack } = control
  const { channel, channelReply, end, resume } = control
  if (hello != null) {
    return toHello(hello)
  }
  if (want != null) {
    return { type: 'want', ranges: decodeRanges(want.ranges, MAX_LEAVES), urgent: want.urgent, adds: want.adds }
  }
  if (have != null) {
    return { type: 'have', ranges: decodeRanges(have.ranges, MAX_LEAVES) }
  }
  if (offer != null) {
    return { type: 'offer', ranges: decodeRanges(offer.ranges, MAX_LEAVES) }
  }
  if (pass != null) {
    return { type: 'pass', ranges: decodeRanges(pass.ranges, MAX_LEAVES) }
  }
  if (grant != null) {
    return { type: 'grant', leaves: toGrant(grant.leaves) }
  }
  if (request != null) {
    return { type: 'request', runs: toRuns(request.runs) }
  }
  if (cancel != null) {
    return { type: 'cancel', runs: toRuns(cancel.runs) }
  }
  if (reject != null) {
    return { type: 'reject', reason: toReason(reject.reason), runs: toRuns(reject.runs), nodes: reject.nodes }
  }
  if (getNodes != null) {
    return { type: 'get-nodes', id: toNodesId(getNodes.id), cids: getNodes.cids.map(toCid) }
  }
  if (ack != null) {
    return {
      type: 'ack',
      bytes: ack.bytes,
      ...(ack.move > 0 && { move: ack.move }),
      ...(ack.last && { last: true }),
      ...(ack.heard > 0 && { heard: ack.heard })
    }
  }
  if (channel != null) {
    return channelFromWire('channel', channel)
  }
  if (channelReply != null) {
    return channelFromWire('channel-reply', channelReply)
  }
  if (end != null) {
    return { type: 'end' }
  }
  if (resume != null) {
    return { type: 'resume', place: resume.place }
  }
  throw new InvalidMessageError('control message of an unknown kind')
}

function toHello({ root, lane, session, moves, move, heard }: wire.Hello): Message {
  return {
    type: 'hello',
    root: toCid(root),
    lane: toLane(lane),
    session: toSessionId(session),
    ...(moves && { moves: true }),
    ...(move > 0 && { move }),
    ...(heard > 0 && { heard })
  }
}

function toCid(bytes: Uint8Array): CID {
  if (bytes.byteLength > MAX_CID_BYTES) {
    throw new InvalidMessageError(`CID of ${bytes.byteLength} bytes, at most ${MAX_CID_BYTES}`)
  }
  try {
    return CID.decode(bytes)
  } catch (error) {
    throw new InvalidMessageError('CID does not decode', { cause: error })
  }
}

function toLane(lane: wire.Lane): LaneName {
  switch (lane) {
    case wire.Lane.CONTROL:
      return 'control'
    case wire.Lane.DATA:
      return 'data'
    default:
      throw new InvalidMessageError('hello without a lane')
  }
}

function toSessionId(session: Uint8Array): Uint8Array {
  if (session.byteLength !== SESSION_ID_BYTES) {
    throw new InvalidMessageError(`session id of ${session.byteLength} bytes, expected ${SESSION_ID_BYTES}`)
  }
  return session
}

function toGrant(leaves: number): number {
  if (leaves === 0 || leaves > MAX_RUNS) {
    throw new InvalidMessageError(`grant of ${leaves} leaves, expected 1 to ${MAX_RUNS}`)
  }
  return leaves
}

function toRuns(runs: readonly wire.Run[]): Run[] {
  return runs.map(({ leaf, first, count }) => {
    if (leaf >= MAX_LEAVES || count === 0 || first + count > MAX_LEAF_BLOCKS) {
      throw new InvalidMessageError(`run of ${count} blocks from ${first} of leaf ${leaf}`)
    }
    return { leaf, first, count }
  })
}

function toReason(reason: wire.Reason): RejectReason {
  for (const [name, value] of Object.entries(REASONS)) {
    if (value === reason) {
      return name as RejectReason
    }
  }
  throw new InvalidMessageError('reject without a reason')
}

/** Zero means "no GET_NODES" in a REJECT. */
function toNodesId(id: number): number {
  if (id === 0) {
    throw new InvalidMessageError('get-nodes without an id')
  }
  return id
}

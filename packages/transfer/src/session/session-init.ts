import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Message, Run } from '../wire/codec.ts'
import type { FrameSink } from '../wire/frame.ts'
import type { ChannelAccess } from './channel-target.ts'
import type { Lane } from './lane.ts'
import type { SendBudget } from './send-budget.ts'

export interface SessionEvents extends FrameSink {
  message(message: Message): void
  /** What the peer was asked for and has not sent: asked for again when a channel was lost. @default nothing */
  outstanding?(): readonly Run[]
  /** Bytes that are missing here, and so worth a channel. @default 0 */
  missingBytes?(): number
  /** The peer sent what it must not, or this side could not take it; the session ends next. @default nothing */
  broke?(error: unknown): void
  /** The session is on another connection now. @default nothing */
  moved?(): void
}

/** How a session can move. */
export interface SessionMoves {
  /** Names the session to the peer; known to nobody else. */
  readonly id: Uint8Array
  /** What was said behind the HELLO. */
  readonly first?: Message | undefined
  /** The connection was lost; without another one the session ends after `RESUME_MS`. @default nothing */
  lost?(): void
}

/** Two lanes on another connection, for a session that is there. */
export interface NextLanes {
  /** Number of the move. */
  readonly move: number
  readonly control: Lane
  readonly data: Lane
  /** Messages that the peer said it has heard. */
  readonly heardThere: number
  readonly rttMs?: number | undefined
  readonly access?: ChannelAccess | undefined
}

export interface SessionInit {
  readonly peer: PeerId
  readonly root: CID
  readonly control: Lane
  readonly data: Lane
  /** Round trip of the connection in milliseconds, as far as it is known. */
  readonly rttMs?: number | undefined
  /** How bulk channels to the peer are opened; absent when there are none. */
  readonly access?: ChannelAccess | undefined
  /** Told of every byte that arrives as data; returns for how many milliseconds to read no more. */
  readonly intake?: { took(bytes: number): number } | undefined
  /** What its lanes share with those of all sessions. @default each has its window for itself */
  readonly budget?: SendBudget | undefined
  /** Absent: the peer cannot move sessions; this one ends with its connection. */
  readonly moves?: SessionMoves | undefined
}

import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { Session } from '../../../src/session/session.ts'
import type { SessionEvents, SessionInit } from '../../../src/session/session.ts'
import { decodeMessage, encodeMessage } from '../../../src/wire/codec.ts'
import type { Message, Run } from '../../../src/wire/codec.ts'
import { delimit, Undelimiter } from '../../../src/wire/delimited.ts'
import { MAX_CONTROL_BYTES } from '../../../src/wire/limits.ts'
import { CollectingSink } from '../../wire/support/collecting-sink.ts'
import { FakeLane } from './fake-lane.ts'

export const root = CID.createV1(0x55, Digest.create(0x12, new Uint8Array(32).fill(1)))

export const peer = await seededPeerId(seededRandom('peer'))

/** What the peer said, in order. */
export class Heard extends CollectingSink implements SessionEvents {
  readonly messages: Message[] = []
  runs: readonly Run[] = []
  missing = 0

  message(message: Message): void {
    this.messages.push(message)
  }

  outstanding(): readonly Run[] {
    return this.runs
  }

  missingBytes(): number {
    return this.missing
  }
}

export interface TestSession {
  readonly session: Session
  readonly control: FakeLane
  readonly data: FakeLane
  readonly heard: Heard
}

/** A session over lanes in memory, started. */
export function openSession(init: Pick<SessionInit, 'access' | 'intake'> = {}): TestSession {
  const [control, data, heard] = [new FakeLane(), new FakeLane(), new Heard()]
  const session = new Session({ peer, root, control, data, ...init })
  session.start(heard)
  return { session, control, data, heard }
}

/** The messages that were put on a control lane. */
export function saidOn(control: FakeLane): Message[] {
  const undelimiter = new Undelimiter(MAX_CONTROL_BYTES)
  return control.sent.flatMap((chunk) => {
    const { message } = undelimiter.take(chunk, 0)
    return message === undefined ? [] : [decodeMessage(message)]
  })
}

/** A message as it arrives on a control lane. */
export function asBytes(message: Message): Uint8Array {
  return delimit(encodeMessage(message))
}

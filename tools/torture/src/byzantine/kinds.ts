import { BLOCK_BYTES, encodeFrameHeader } from '@p2pshare/transfer/codecs'
import type { Message, Run } from '@p2pshare/transfer/codecs'
import type { HostileSession } from './hostile-session.ts'
import { leafOf } from './target.ts'

/** What a hostile seeder does. What it leaves out is done as an honest one does it. */
export interface Kind {
  /** The session is open. @default it says that it has everything, and grants */
  readonly begin?: (session: HostileSession) => void
  /** Blocks are asked for. */
  readonly request: (session: HostileSession, runs: readonly Run[]) => void
  /** Inner nodes are asked for. @default they are sent */
  readonly nodes?: (session: HostileSession, message: Message & { type: 'get-nodes' }) => Promise<void>
}

/** How long after one thing a slow or noisy peer does the next, in milliseconds. */
const BEAT_MS = 20

/** Of the size that a control message may have: numbers that decode to as many objects as possible. */
const BOMB_BYTES = 60 * 1024

const NOTHING = (): void => undefined

function sendHonestly(session: HostileSession, runs: readonly Run[]): void {
  for (const run of runs) {
    session.sendBytes(session.frame(run))
  }
  session.grant()
}

function sendCorrupt(session: HostileSession, runs: readonly Run[]): void {
  for (const run of runs) {
    const bytes = leafOf(session.target, run.leaf)
    const at = run.first * BLOCK_BYTES + session.random.int(Math.min(BLOCK_BYTES, bytes.byteLength))
    bytes[at] = (bytes[at] ?? 0) ^ (1 + session.random.int(255))
    session.sendBytes(session.frame(run, bytes))
  }
  session.grant()
}

/** A message that decodes to many elements. */
function bomb(session: HostileSession): Uint8Array {
  const body = new Uint8Array(BOMB_BYTES).fill(session.random.pick([0x0a, 0x32, 0x4a, 0x08]))
  // its length, as two bytes of a varint and a third
  return Uint8Array.from([(BOMB_BYTES & 0x7f) | 0x80, ((BOMB_BYTES >> 7) & 0x7f) | 0x80, BOMB_BYTES >> 14, ...body])
}

const KINDS = {
  /** Right in form, and of other bytes. */
  corrupt: { request: sendCorrupt },
  /** Honest until it is trusted. */
  turncoat: {
    request: (session, runs) => {
      const isWrong = session.random.float() < 0.5
      const send = isWrong ? sendCorrupt : sendHonestly
      send(session, runs)
    }
  },
  /** Says it has everything, and then that it has not. */
  'denies what it has': {
    request: (session, runs) => {
      session.say({ type: 'reject', reason: 'not-held', runs, nodes: 0 })
      session.grant()
    }
  },
  /** The same, in other words. */
  'always busy': {
    request: (session, runs) => {
      session.say({ type: 'reject', reason: 'busy', runs, nodes: 0 })
      session.grant()
    }
  },
  /** Takes requests and sends nothing. */
  silent: { request: NOTHING, nodes: () => Promise.resolve() },
  /** A byte at a time. */
  slowloris: {
    request: (session, runs) => {
      const [run] = runs
      if (run !== undefined) {
        const bytes = session.frame(run)
        let at = 0
        session.every(BEAT_MS, () => {
          session.sendBytes(bytes.subarray(at, ++at))
        })
      }
    }
  },
  /** Asks for everything it may name, and says what it has, again and again. */
  'floods with requests': {
    begin: (session) => {
      session.boast()
      const { leafCount } = session.target.map
      const runs = Array.from({ length: Math.min(leafCount, 1024) }, (_, leaf) => ({ leaf, first: 0, count: 1 }))
      session.every(BEAT_MS, () => {
        session.say({ type: 'want', ranges: [{ start: 0, count: leafCount }], urgent: true })
        session.say({ type: 'request', runs })
        session.say({ type: 'cancel', runs })
        session.say({ type: 'have', ranges: [{ start: 0, count: leafCount }] })
      })
    },
    request: sendHonestly
  },
  /** Blocks that nobody asked it for, and those it was asked for twice. */
  'sends what nobody asked for': {
    begin: (session) => {
      session.boast()
      session.every(BEAT_MS, () => {
        const leaf = session.random.int(session.target.map.leafCount)
        session.sendBytes(session.frame({ leaf, first: 0, count: 1 }))
      })
    },
    request: (session, runs) => {
      sendHonestly(session, runs.slice(0, 1))
      sendHonestly(session, runs)
    }
  },
  /** Frames that reach past their leaf, and inner nodes that are longer than they are. */
  'lies about sizes': {
    request: (session, runs) => {
      const [run] = runs
      if (run !== undefined) {
        const bytes = session.target.map.leafBytes(run.leaf) + BLOCK_BYTES
        session.sendBytes(encodeFrameHeader({ kind: 'data', leaf: run.leaf, firstBlock: 0, bytes }))
        session.sendBytes(new Uint8Array(bytes))
      }
    },
    nodes: async (session, message) =>
      session.answerNodes(message, (block) => Uint8Array.from([...block, ...block.subarray(0, 40)]))
  },
  /** Tokens and ids of channels that were never asked for, or of other sessions. */
  'replays tokens': {
    begin: (session) => {
      session.boast()
      const token = session.random.bytes(16)
      let id = 0
      session.every(BEAT_MS, () => {
        id = (id + 1) % 4
        session.say({ type: 'channel-reply', step: 'invite', id, token, port: 1 + session.random.int(65_535) })
        session.say({ type: 'channel', step: 'invite', id, token, port: 1 + session.random.int(65_535) })
      })
    },
    request: sendHonestly
  },
  /** Messages that decode to as many objects as fit. */
  'throws element bombs': {
    begin: (session) => {
      session.boast()
      session.every(BEAT_MS, () => {
        session.sayBytes(bomb(session))
      })
    },
    request: sendHonestly
  }
} as const satisfies Readonly<Record<string, Kind>>

export type KindName = keyof typeof KINDS

export const KIND_NAMES = Object.keys(KINDS) as KindName[]

/** Those that only lie about what they have. */
export const LIARS: readonly KindName[] = ['denies what it has', 'always busy', 'silent']

export function kindOf(name: KindName): Kind {
  return KINDS[name]
}

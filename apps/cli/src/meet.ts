import type { P2PShareNode } from '@p2pshare/core'
import type { CommandContext } from './context.ts'
import { countDown } from './countdown.ts'
import { withDeadline } from './deadline.ts'
import { sleep } from './sleep.ts'

/** Bootstrap nodes answer within a second, mDNS within two. */
const MEET_MS = 3000

/** How long a bootstrap node may take to answer: a command that gave up before would blame the network. */
const ANSWER_MS = 10_000

/** From its answer until it is in the table: a moment, but on a machine that is very busy. */
const TABLE_MS = 20_000

/** What a command says that met nobody. */
export const NOBODY_THERE =
  'nobody else is there: name a node with --bootstrap, or start one on this network with p2pshare daemon'

/** A started node that has somebody to ask, or had the time to find somebody. */
export async function joinNetwork(context: CommandContext): Promise<P2PShareNode> {
  const { io, signal } = context
  const node = await context.openNode()
  const { bootstrap, dht } = node.services
  io.status(() => 'joining the network')
  await withDeadline(signal, ANSWER_MS, async (until) => bootstrap.tried({ signal: until }))
  await dht.joined(bootstrap.state.answered ? TABLE_MS : MEET_MS, { signal })
  io.clearStatus()
  return node
}

/** A started node that had its time (`--timeout`) to meet others. */
export async function meetOthers(context: CommandContext): Promise<P2PShareNode> {
  const { options, signal } = context
  const node = await context.openNode()
  const waitMs = options.timeoutMs ?? MEET_MS
  await countDown(context, 'waiting for others', waitMs, async () => sleep(waitMs, signal))
  signal.throwIfAborted()
  return node
}

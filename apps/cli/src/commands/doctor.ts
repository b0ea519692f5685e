import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { countDown } from '../countdown.ts'
import { doctorEvents, doctorLines, hasProblem, isSettled } from '../doctor-view.ts'
import type { DoctorReport } from '../doctor-view.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { sleep } from '../sleep.ts'

/** A relay gives a place within two seconds, a router maps within one; a verifier may take longer. */
const DEFAULT_WAIT_MS = 8000

/** Between two looks, while something is still to come. */
const LOOK_AGAIN_MS = 500

interface Reporter {
  report(options: { readonly signal: AbortSignal; readonly waitMs: number }): Promise<DoctorReport>
}

/** `p2pshare doctor`: what NAT there is, who can reach this node, and what to do about it. */
export function doctorCommand(start: StartCommand): Command {
  return new Command('doctor')
    .description('look at the network of this machine (--timeout, 8s): NAT, ports, relays, clock, with a fix for each')
    .action(async (_options: unknown, command: Command) =>
      start(command.optsWithGlobals(), async (context) => runDoctor(context))
    )
}

/** Exit code 0 when nothing is a problem, else that of the network. */
export async function runDoctor(context: CommandContext, lookAgainMs = LOOK_AGAIN_MS): Promise<number> {
  const { io, options } = context
  const node = await context.openNode()
  const waitMs = options.timeoutMs ?? DEFAULT_WAIT_MS
  const report = await countDown(context, 'looking at the network', waitMs, async () =>
    lookUntilSettled(node.services.nat, context, waitMs, lookAgainMs)
  )
  doctorLines(report).forEach((line) => io.result(line))
  doctorEvents(report).forEach((event) => io.event(event))
  return hasProblem(report) ? EXIT_CODES.network.code : EXIT_CODES.ok.code
}

async function lookUntilSettled(
  nat: Reporter,
  { signal, now }: CommandContext,
  waitMs: number,
  lookAgainMs: number
): Promise<DoctorReport> {
  const endsAt = now() + waitMs
  while (true) {
    const report = await nat.report({ signal, waitMs: Math.max(0, endsAt - now()) })
    if (isSettled(report) || now() >= endsAt) {
      return report
    }
    await sleep(Math.min(lookAgainMs, Math.max(1, endsAt - now())), signal)
    signal.throwIfAborted()
  }
}

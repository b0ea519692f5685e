import { Command } from 'commander'
import type { CommandContext, StartCommand } from '../context.ts'
import { doctorEvents, doctorLines, hasProblem, isSettled } from '../doctor-view.ts'
import type { DoctorReport } from '../doctor-view.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { sleep } from '../sleep.ts'

/** A relay gives a place within two seconds, a router maps within one; a verifier may take longer. */
const DEFAULT_WAIT_MS = 8000

/** Between two looks, while something is still to come. */
const LOOK_AGAIN_MS = 500

/** Between two status lines: `Io` draws fewer. */
const STATUS_MS = 100

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
  const { io } = context
  const node = await context.openNode()
  const report = await lookUntilSettled(node.services.nat, context, lookAgainMs)
  io.clearStatus()
  doctorLines(report).forEach((line) => io.result(line))
  doctorEvents(report).forEach((event) => io.event(event))
  return hasProblem(report) ? EXIT_CODES.network.code : EXIT_CODES.ok.code
}

async function lookUntilSettled(
  nat: Reporter,
  { io, signal, options, now }: CommandContext,
  lookAgainMs: number
): Promise<DoctorReport> {
  const endsAt = now() + (options.timeoutMs ?? DEFAULT_WAIT_MS)
  return withStatus(io, now, endsAt, async () => {
    while (true) {
      const report = await nat.report({ signal, waitMs: Math.max(0, endsAt - now()) })
      if (isSettled(report) || now() >= endsAt) {
        return report
      }
      await sleep(Math.min(lookAgainMs, Math.max(1, endsAt - now())), signal)
      signal.throwIfAborted()
    }
  })
}

async function withStatus<T>(io: Io, now: () => number, endsAt: number, work: () => Promise<T>): Promise<T> {
  const show = (): void => {
    io.status(() => `looking at the network, ${Math.max(0, Math.ceil((endsAt - now()) / 1000))} s at most`)
  }
  show()
  const timer = setInterval(show, STATUS_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

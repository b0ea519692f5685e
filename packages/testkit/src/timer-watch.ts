import { createHook } from 'node:async_hooks'

/** A timer that was set while a watch was on, and has neither fired nor been cleared. */
export interface WatchedTimer {
  readonly timer: NodeJS.Timeout
  /** Stack of the call that set it. */
  readonly stack: string
}

/** Timers set since `watchTimers`. */
export interface TimerWatch {
  /** Those that are still to fire and keep the process alive. */
  pending(): WatchedTimer[]
  stop(): void
}

/** Deep enough to get from Node's own frames, through a helper or two, to the code that set the timer. */
const STACK_FRAMES = 12

function stackHere(): string {
  const holder: { stack?: string } = {}
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = STACK_FRAMES
  Error.captureStackTrace(holder, stackHere)
  Error.stackTraceLimit = before
  return holder.stack ?? ''
}

/**
 * Notice each `setTimeout` and `setInterval` from now on, whoever calls it and however it was imported. It makes
 * promises a little slower while it is on.
 */
export function watchTimers(): TimerWatch {
  const timers = new Map<number, WatchedTimer>()
  const hook = createHook({
    init(asyncId, type, _trigger, resource) {
      if (type === 'Timeout') {
        timers.set(asyncId, { timer: resource as NodeJS.Timeout, stack: stackHere() })
      }
    },
    destroy(asyncId) {
      timers.delete(asyncId)
    }
  })
  hook.enable()
  return {
    pending: () => [...timers.values()].filter(({ timer }) => timer.hasRef()),
    stop: () => {
      hook.disable()
    }
  }
}

/** Frames of Node itself, and of this file. */
const NOT_THE_CALLER = /node:|timer-watch\.[jt]s/

/** Where a timer was set: the innermost frame outside Node, `undefined` when Node set it for itself. */
export function callerOf(stack: string): string | undefined {
  return stack
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^at /, ''))
    .find((frame) => !NOT_THE_CALLER.test(frame))
}

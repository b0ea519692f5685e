const ASKED_TO_END = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Aborts when this process is asked to end: by Ctrl-C, by another process, or since its terminal is gone. A lab is no child
 * process, and stays unless it is taken down first. Who asks once more ends the process where it stands.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    ASKED_TO_END.forEach((each) => process.off(each, onSignal))
    if (name === 'SIGHUP') {
      // nobody reads any more, which must not keep anything from being taken down
      process.stdout.on('error', () => undefined)
      process.stderr.on('error', () => undefined)
    }
    stop.abort()
  }
  ASKED_TO_END.forEach((each) => process.on(each, onSignal))
  return stop.signal
}

/** Take down a lab, or what has one, on abort: whoever waits for a program in it hears that this has ended. */
export function downOnAbort(signal: AbortSignal | undefined, lab: AsyncDisposable): Disposable {
  const down = (): void => {
    // what goes wrong is told where its block ends, which takes it down once more
    Promise.resolve(lab[Symbol.asyncDispose]()).catch(() => undefined)
  }
  signal?.addEventListener('abort', down, { once: true })
  if (signal?.aborted === true) {
    down()
  }
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', down) }
}

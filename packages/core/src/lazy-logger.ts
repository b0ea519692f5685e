import type { ComponentLogger, Logger } from '@libp2p/interface'
import { defaultLogger, enabled } from '@libp2p/logger'

/**
 * Loggers that are made when there is something to print. libp2p makes several for each stream, and one of its own costs
 * two functions with accessors, a colour and a look at the terminal. What `DEBUG` and `enable()` say holds as it always does,
 * also when it is said later.
 *
 * @param inner - who prints
 */
export function lazyLogger(inner: ComponentLogger = defaultLogger()): ComponentLogger {
  return { forComponent: (name) => lazy(name, inner) }
}

function lazy(name: string, inner: ComponentLogger): Logger {
  const [errorName, traceName] = [`${name}:error`, `${name}:trace`]
  let made: Logger | undefined
  const real = (): Logger => (made ??= inner.forComponent(name))

  const print = (formatter: unknown, ...args: unknown[]): void => {
    if (enabled(name)) {
      real()(formatter, ...args)
    }
  }
  const log = Object.assign(print, {
    error: (formatter: unknown, ...args: unknown[]): void => {
      if (enabled(errorName)) {
        real().error(formatter, ...args)
      }
    },
    trace: (formatter: unknown, ...args: unknown[]): void => {
      if (enabled(traceName)) {
        real().trace(formatter, ...args)
      }
    },
    newScope: (scope: string): Logger => lazy(`${name}:${scope}`, inner),
    enabled: false
  })
  return Object.defineProperty(log, 'enabled', { get: () => enabled(name) })
}

import type { Startable } from '@libp2p/interface'
import { override } from './override.ts'

/** `service`, with which something else of ours ends too. */
export function stopsToo<T extends Startable>(service: T, other: { stop(): void }): T {
  return override(service, {
    stop: async () => {
      other.stop()
      await service.stop()
    }
  } as Partial<T>)
}

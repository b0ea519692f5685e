import type { AbortOptions, Libp2p } from '@libp2p/interface'
import type { LightServices } from './types.ts'

/** Wait until bootstrap peers were tried: before, an announcement has no chance. Rejects only with the signal's reason. */
export async function whenBootstrapWasTried(libp2p: Libp2p<LightServices>, options: AbortOptions): Promise<void> {
  const { bootstrap } = libp2p.services
  if (hasTried(bootstrap)) {
    await bootstrap.tried(options)
  }
}

function hasTried(service: unknown): service is { tried(options?: AbortOptions): Promise<void> } {
  return typeof service === 'object' && service !== null && 'tried' in service && typeof service.tried === 'function'
}

import type { P2PShareNode } from '@p2pshare/core'
import type { CommandContext } from './context.ts'
import { BootstrapUnreachableError } from './errors.ts'

/** A search that found nobody has another reason when no node to join through has answered. Returns what to report. */
export function whyNotFound(
  error: unknown,
  { options }: Pick<CommandContext, 'options'>,
  node: { readonly services: Pick<P2PShareNode['services'], 'bootstrap'> } | undefined
): unknown {
  const { bootstrap = [] } = options
  const notFound = error instanceof Error && 'code' in error && error.code === 'ERR_CONTENT_NOT_FOUND'
  const state = node?.services.bootstrap.state
  return notFound && state !== undefined && state.addresses > 0 && !state.answered
    ? new BootstrapUnreachableError(bootstrap, { cause: error })
    : error
}

import type { P2PShareNode } from '@p2pshare/core'
import type { CommandContext } from './context.ts'
import { BootstrapUnreachableError } from './errors.ts'

/** What fails when there is nobody to ask. */
const LONELY: readonly unknown[] = [
  'ERR_CONTENT_NOT_FOUND',
  'ERR_NAME_NOT_PUBLISHED',
  'ERR_NAME_UNRESOLVED',
  'ERR_NOT_ANNOUNCED'
]

/** What found nobody has another reason when no node to join through has answered. Returns what to report. */
export function blameBootstrap(
  error: unknown,
  { options }: Pick<CommandContext, 'options'>,
  node: { readonly services: Pick<P2PShareNode['services'], 'bootstrap'> } | undefined
): unknown {
  const { bootstrap = [] } = options
  const isLonely = error instanceof Error && 'code' in error && LONELY.includes(error.code)
  const state = node?.services.bootstrap.state
  return isLonely && state !== undefined && state.addresses > 0 && !state.answered
    ? new BootstrapUnreachableError(bootstrap, { cause: error })
    : error
}

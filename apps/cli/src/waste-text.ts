import type { Traffic } from '@p2pshare/core'
import { formatBytes } from './units.ts'

const WASTES = ['corrupt', 'duplicate', 'unrequested'] as const

/** What came in vain, and why; empty when nothing did. */
export function wasteText({ wasted }: Traffic): string {
  const parts = WASTES.filter((why) => wasted[why] > 0).map((why) => `${formatBytes(wasted[why])} ${why}`)
  return parts.length === 0 ? '' : `wasted ${parts.join(', ')}`
}

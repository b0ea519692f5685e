import type { Connection } from '@libp2p/interface'

/**
 * The connection that a session should be on where nobody ranks them: the one it is on, unless that is limited, as over a
 * relay, and another one is not.
 */
export function chooseConnection(all: readonly Connection[], current: Connection | undefined): Connection | undefined {
  const open = all.filter(({ status }) => status === 'open')
  const stays = current !== undefined && open.includes(current)
  if (stays && current.limits === undefined) {
    return current
  }
  return open.find(({ limits }) => limits === undefined) ?? (stays ? current : open[0])
}

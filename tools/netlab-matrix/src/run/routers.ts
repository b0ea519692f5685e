import type { Lab } from '@p2pshare/netlab'

/** Every router of these sides starts over: rules, what they learned, flows, and port mappings that were asked for. */
export async function forgetAll(lab: Lab, sides: readonly string[] = ['a', 'b']): Promise<void> {
  await Promise.all(sides.filter((side) => hasRouter(lab, side)).map(async (side) => lab.restartRouter(side)))
}

/** A neighbour has that of the side it is with. */
function hasRouter(lab: Lab, side: string): boolean {
  const { router, type } = lab.host(side)
  return router !== undefined && type !== 'lan'
}

import envPaths from 'env-paths'
import type { NodeOptions, P2PShareNode } from '@p2pshare/core'
import type { CommandContext } from './context.ts'
import type { GlobalOptions } from './global-options.ts'
import { printable } from './printable.ts'

/** Where state is kept unless `--home` says otherwise; the node-server uses the same place. */
export function defaultHome(): string {
  return envPaths('p2pshare', { suffix: '' }).data
}

/** Global options as those of a node; what was not given is left to the node's own defaults. */
export function toNodeOptions(options: GlobalOptions): NodeOptions {
  const { home = defaultHome(), listen, bootstrap, networkKey, allowNetwork, mdns, limitUp, limitDown } = options
  return {
    home,
    mdns,
    ...(listen === undefined ? {} : { listen }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(networkKey === undefined ? {} : { privateNetwork: { keyFile: networkKey } }),
    ...(allowNetwork === undefined ? {} : { dialGate: { allowNetworks: allowNetwork } }),
    ...(limitUp === undefined ? {} : { uploadBytesPerSecond: limitUp }),
    ...(limitDown === undefined ? {} : { downloadBytesPerSecond: limitDown })
  }
}

/** A started node. Says on stderr what is not as usual. */
export async function openNode(context: CommandContext): Promise<P2PShareNode> {
  const { io, options, signal } = context
  // loaded when it is needed: --help and mistakes answer at once
  const { createNode } = await import('@p2pshare/core')
  const node = await createNode({ ...toNodeOptions(options), signal })
  for (const { message } of node.notices) {
    io.note(io.dim(printable(message)))
  }
  return node
}

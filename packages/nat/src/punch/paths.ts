import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'

/** A socket of ours and an address of the peer between which datagrams were seen to pass. */
export interface OpenPath {
  readonly socket: DatagramSocket
  readonly remote: DatagramAddress
  /** Both directions are known to work: the peer said that it heard us. */
  proven: boolean
  /** An upgrade over it was tried. */
  tries: number
}

/** The paths of one punch, in the order in which they came up. The peer alone can add to them, so they are bounded. */
export class OpenPaths {
  readonly #paths: OpenPath[] = []

  /** Nothing when there are too many. */
  add(socket: DatagramSocket, remote: DatagramAddress, proven: boolean): OpenPath | undefined {
    const known = this.#paths.find((path) => path.socket === socket && sameAddress(path.remote, remote))
    if (known !== undefined) {
      known.proven ||= proven
      return known
    }
    if (this.#paths.length >= MAX_PATHS) {
      return undefined
    }
    const path = { socket, remote, proven, tries: 0 }
    this.#paths.push(path)
    return path
  }

  /** The one to try next: the least tried, of these a proven one, of these the first. */
  best(): OpenPath | undefined {
    return [...this.#paths].sort((a, b) => a.tries - b.tries || Number(b.proven) - Number(a.proven))[0]
  }
}

/** More than all pairs of candidates, and hits of a few ports. */
export const MAX_PATHS = 64

/** Whether two addresses are one. Hosts are in the form that the system gives them. */
export function sameAddress(a: DatagramAddress, b: DatagramAddress): boolean {
  return a.port === b.port && a.host === b.host
}

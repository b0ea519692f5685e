import { Socket } from 'node:net'
import type { Random } from '@p2pshare/testkit'

/**
 * From now on each connection of this process to loopback comes from an address of its own there. libp2p counts new
 * connections by address: hostile ones that come back all the time would use up what honest ones of the same machine need,
 * which is another test. No transport has an option for it.
 */
export function useOwnAddresses(random: Random): void {
  const { connect } = Socket.prototype
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    // `net.connect` hands on a list of options and listener, `socket.connect` what it was given
    const [first] = args
    const options: unknown = Array.isArray(first) ? first[0] : first
    if (isToLoopback(options)) {
      options.localAddress = `127.0.${1 + random.int(250)}.${1 + random.int(250)}`
    }
    return Reflect.apply(connect, this, args) as Socket
  }
}

function isToLoopback(options: unknown): options is { localAddress?: string } {
  return typeof options === 'object' && options !== null && 'host' in options && options.host === '127.0.0.1'
}

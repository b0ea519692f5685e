import { isPrivateIp } from '@libp2p/utils'

/**
 * Why a mapped address is not the outside one: the gateway itself has a private or shared address (`private`: 10/8, 100.64/10
 * and so on), or others see this node come from elsewhere (`differs`). Either way there is a second NAT in front of the
 * gateway, or two ways out.
 */
export type DoubleNat = 'private' | 'differs'

/** `observedIps`: the addresses others saw this node come from; none yet says nothing. Pure. */
export function doubleNatOf(externalIp: string, observedIps: readonly string[]): DoubleNat | undefined {
  if (isPrivateIp(externalIp) !== false) {
    return 'private'
  }
  const observed = observedIps.filter((ip) => isPrivateIp(ip) === false)
  return observed.length > 0 && !observed.includes(externalIp) ? 'differs' : undefined
}

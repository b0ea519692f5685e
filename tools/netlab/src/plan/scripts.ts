import { GATEWAY_IPV4, GATEWAY_IPV6, GATEWAY_MAC } from './addresses.ts'
import type { Link } from '../options.ts'
import { SWITCH_NODE } from './plan.ts'
import type { InterfacePlan, LabPlan, NodePlan, PortPlan } from './plan.ts'

/** Namespaces are `netlab.LAB.NODE`: lab names have no dots, so no lab's prefix is another's. */
export function namespaceOf(lab: string, node: string): string {
  return `netlab.${lab}.${node}`
}

/**
 * The ends of a wire get different indices. By equal ones (both would be 2) Linux takes an interface for no wire at all,
 * and tells others only within a second that it is up: so long a new bridge would pass nothing on.
 */
const FIRST_INDEX = 10
const FIRST_PORT_INDEX = 1_000

/** Lines for `ip -batch`: all namespaces and the wires between them. */
export function wiring(plan: LabPlan): string {
  const space = (node: string) => namespaceOf(plan.name, node)
  return lines([
    ...[SWITCH_NODE, ...plan.nodes.map(({ name }) => name)].map((node) => `netns add ${space(node)}`),
    ...plan.wires.map(({ ends: [one, two] }, at) => {
      const near = `name ${one.interface} index ${FIRST_INDEX + 2 * at} netns ${space(one.node)}`
      const far = `name ${two.interface} index ${FIRST_INDEX + 2 * at + 1} netns ${space(two.node)}`
      return `link add ${near} type veth peer ${far}`
    }),
    ...plan.ports.map(({ name, node, mac }, at) => {
      const near = `name wan address ${mac} netns ${space(node)}`
      const far = `name ${name} index ${FIRST_PORT_INDEX + at} netns ${space(SWITCH_NODE)}`
      return `link add ${near} type veth peer ${far}`
    })
  ])
}

/** Lines for `ip -batch`: the end of a lab. */
export function unwiring(namespaces: readonly string[]): string {
  return lines(namespaces.map((namespace) => `netns del ${namespace}`))
}

/** A shell script that makes one namespace ready; it runs inside. */
export function nodeScript(node: NodePlan): string {
  const addressing = lines([
    'link set lo up',
    ...node.interfaces.filter(({ bridges }) => bridges !== undefined).map(({ name }) => `link add ${name} type bridge`),
    ...node.interfaces.flatMap(({ name, bridges = [] }) => bridges.map((port) => `link set ${port} master ${name}`)),
    ...node.interfaces.map(({ name }) => `link set ${name} up`),
    ...node.interfaces.flatMap((at) => [
      ...at.addresses.map((address) => addAddress(at.name, address)),
      ...routes(node, at)
    ])
  ])
  return lines([
    // addresses work at once: nobody else can have them
    ipv6Settings(node.ipv6 ? ['accept_dad 0', 'disable_ipv6 0'] : ['disable_ipv6 1']),
    ...(node.role === 'host' ? [] : forwarding(node)),
    heredoc('ip -batch -', addressing),
    ...(isOnInternet(node) ? [plainFrames('wan')] : []),
    ...(node.rules === undefined ? [] : [heredoc('nft -f -', node.rules)])
  ])
}

/** A shell script that makes the switch's namespace ready. */
export function switchScript(plan: LabPlan): string {
  return lines([
    ipv6Settings(['disable_ipv6 1']),
    heredoc('ip -batch -', lines(plan.ports.map(({ name }) => `link set ${name} up`)))
  ])
}

/** What the switch reads when it starts. */
export function switchLines(plan: LabPlan): string {
  return lines([
    ...plan.ports.map((port) => portLine(port, port.link)),
    ...plan.ports.flatMap(({ name, routes: prefixes }) => prefixes.map((prefix) => `route ${prefix} ${name}`))
  ])
}

/** One line for the switch: what a port's link does from now on. */
export function portLine({ name, mac }: Pick<PortPlan, 'name' | 'mac'>, link: Link): string {
  const us = (ms: number) => Math.round(ms * 1000)
  const lossPpm = Math.round(link.lossPercent * 10_000)
  const rateKbit = Math.round(link.rateMbit * 1000)
  return `port ${name} ${mac} ${us(link.delayMs)} ${us(link.jitterMs)} ${lossPpm} ${rateKbit} ${link.mtuBytes}`
}

/** A shell script that takes a node from its old addresses to its new ones; it runs inside. */
export function readdressScript(before: NodePlan, after: NodePlan): string {
  return lines([
    heredoc(
      'ip -batch -',
      lines(
        after.interfaces.flatMap((at, index) => {
          const old = before.interfaces[index]?.addresses ?? []
          // the new one first: without any address the routes would go
          return [
            ...at.addresses.filter((address) => !old.includes(address)).map((address) => addAddress(at.name, address)),
            ...routes(after, at).map((line) => line.replace(/\badd\b/, 'replace')),
            ...old
              .filter((address) => !at.addresses.includes(address))
              .map((address) => `addr del ${address} dev ${at.name}`)
          ]
        })
      )
    )
  ])
}

function isOnInternet(node: NodePlan): boolean {
  return node.interfaces.some(({ gateway }) => gateway === 'internet')
}

function addAddress(name: string, address: string): string {
  return `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`
}

function routes(node: NodePlan, { name, gateway }: InterfacePlan): string[] {
  if (gateway === undefined) {
    return []
  }
  if (gateway !== 'internet') {
    return Object.values(gateway).map((router) => `route add default via ${router} dev ${name}`)
  }
  const neighbours = [...(node.ipv4 ? [GATEWAY_IPV4] : []), ...(node.ipv6 ? [GATEWAY_IPV6] : [])]
  return neighbours.flatMap((neighbour) => [
    `neigh add ${neighbour} lladdr ${GATEWAY_MAC} nud permanent dev ${name}`,
    `route add default via ${neighbour} dev ${name} onlink`
  ])
}

function forwarding(node: NodePlan): string[] {
  return [
    ...(node.ipv4 ? ['echo 1 > /proc/sys/net/ipv4/ip_forward'] : []),
    ...(node.ipv6 ? ['echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'] : [])
  ]
}

/** A kernel without IPv6 has none of these files. */
function ipv6Settings(settings: readonly string[]): string {
  const writes = settings.map((setting) => {
    const [key = '', value = ''] = setting.split(' ')
    return `[ ! -e $conf/${key} ] || echo ${value} > $conf/${key}`
  })
  return `for conf in /proc/sys/net/ipv6/conf/*; do ${writes.join('; ')}; done`
}

/** The switch reads raw frames: whole ones, of a link's size, with their checksums in them. */
function plainFrames(name: string): string {
  return `ethtool -K ${name} tx off tso off gso off gro off sg off > /dev/null`
}

function heredoc(command: string, text: string): string {
  return `${command} << 'END_OF_INPUT'\n${text}END_OF_INPUT`
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}

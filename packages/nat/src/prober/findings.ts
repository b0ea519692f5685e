import type { NatClass } from '../types.ts'
import { isDependent } from './classify.ts'
import { CLOCK_PROBLEM_MS, CLOCK_WARN_MS } from './constants.ts'
import { isInsideAddress } from './double-nat.ts'
import type { Finding, ReportParts } from './report.ts'

/** It helps where the router has the address that others see; behind a carrier's NAT, which often nothing shows, it does not. */
const FORWARD =
  'turn on UPnP, NAT-PMP or PCP in the router, or forward the UDP and TCP port of this node there; where the router has ' +
  'another outside address than the one seen here, the provider has a NAT too: ask for a public address, or use IPv6'

/** What the parts of a report mean for the person in front of the screen, the most basic first. Pure. */
export function findings(parts: ReportParts): readonly Finding[] {
  const { networks, servers, peers } = parts
  return [
    ...(peers === 0 ? [noPeers()] : []),
    ...(servers === 0 ? [noServers()] : []),
    ...networks.flatMap((network) => [natFinding(network, servers), ...detailFindings(network)]),
    ...ipv6Finding(networks),
    ...reachFindings(parts),
    ...clockFinding(parts)
  ]
}

function noPeers(): Finding {
  return {
    id: 'peers',
    level: 'problem',
    text: 'This node is connected to nobody.',
    fix: 'name a node to join through with --bootstrap, and check that this machine is online'
  }
}

function noServers(): Finding {
  return {
    id: 'stun',
    level: 'warn',
    text: 'No node is known that tells from where it is asked, so the NAT could not be looked at.',
    fix: 'join through a node that answers STUN: every p2pshare bootstrap and relay node does'
  }
}

function natFinding(network: NatClass, servers: number): Finding {
  const { family, udp, mapping, filtering, preservesPorts, outside, pool } = network
  const id = `nat.ip${family}`
  const ports = mapping === 'none' || preservesPorts === undefined ? '' : preservesPorts ? 'kept' : 'changed'
  const at =
    outside === undefined
      ? ''
      : `, seen from outside as ${outside.host} port ${outside.port}${ports === '' ? '' : `; port numbers are ${ports}`}`
  if (!udp) {
    return servers === 1
      ? {
          id,
          level: 'problem',
          text:
            `IPv${family}: UDP does not pass: no answer came from the one node that was asked. ` +
            'Connections are made over TCP or through a relay.',
          fix:
            'allow UDP in the firewall of that node, or outgoing UDP in those of this machine and network: ' +
            'joining through a second node that answers STUN shows which'
        }
      : {
          id,
          level: 'problem',
          text: `IPv${family}: UDP does not pass: no answer came. Connections are made over TCP or through a relay.`,
          fix: 'allow outgoing UDP in the firewall of this machine and of the network'
        }
  }
  if (mapping === undefined) {
    return {
      id,
      level: 'info',
      text: `IPv${family}: UDP passes${at}. What kind of NAT there is could not be told from one server.`,
      fix: 'join through a second node that answers STUN'
    }
  }
  if (mapping === 'none' && outside !== undefined && isInsideAddress(outside.host)) {
    return {
      id,
      level: 'info',
      text: `IPv${family}: only nodes of this network were met; they see ${outside.host}. What is beyond is not known.`,
      fix: 'join through a node outside with --bootstrap'
    }
  }
  if (mapping === 'none') {
    return filtering === 'address-dependent' || filtering === 'address-and-port-dependent'
      ? {
          id,
          level: 'warn',
          text: `IPv${family}: no NAT${at}, but a firewall that lets in answers alone.`,
          fix: 'open the UDP and TCP port of this node in the firewall; connections from others work without it, but later'
        }
      : { id, level: 'ok', text: `IPv${family}: no NAT${at}. Anybody can connect.` }
  }
  if (!isDependent(mapping)) {
    const text =
      filtering === 'endpoint-independent'
        ? `IPv${family}: an open NAT (full cone)${at}. Anybody can connect.`
        : `IPv${family}: an easy NAT (${coneOf(filtering)})${at}. Direct connections to most others work.`
    return { id, level: 'ok', text }
  }
  if (pool !== undefined) {
    return {
      id,
      level: 'info',
      text:
        `IPv${family}: a symmetric NAT that gives out ports near ${pool.low} to ${pool.high}${at}. ` +
        'Direct connections work, if later than behind an easy NAT.',
      fix: FORWARD
    }
  }
  return {
    id,
    level: 'warn',
    text:
      `IPv${family}: a symmetric NAT${at}. Direct connections to others behind such a NAT do not work; ` +
      'they go through a relay.',
    fix: FORWARD
  }
}

function coneOf(filtering: NatClass['filtering']): string {
  return filtering === 'address-dependent'
    ? 'address-restricted cone'
    : filtering === 'address-and-port-dependent'
      ? 'port-restricted cone'
      : 'filtering not known'
}

function detailFindings({ family, udp, mapping, doubleNat, hairpin, tcpOutside }: NatClass): Finding[] {
  const all: Finding[] = []
  if (doubleNat === true) {
    all.push({
      id: `double-nat.ip${family}`,
      level: 'warn',
      text: `IPv${family}: there are two NATs, one behind the other. A port that the near one lets in stops at the far one.`,
      fix: 'put the near router into bridge mode; where the far one is the provider’s, ask for a public address or use IPv6'
    })
  }
  if (hairpin === false) {
    all.push({
      id: `hairpin.ip${family}`,
      level: 'info',
      text:
        `IPv${family}: two nodes behind this NAT do not reach each other at their outside address; ` +
        'on the same network they use the inner ones.',
      fix: 'nothing to do on one network; between two networks behind the same provider a relay is used'
    })
  }
  if (!udp && tcpOutside !== undefined && mapping !== 'none') {
    const { host, port, agreed } = tcpOutside
    all.push(
      agreed === true
        ? {
            id: `tcp.ip${family}`,
            level: 'ok',
            text: `IPv${family}: TCP keeps its outside port (${host} port ${port}): direct connections over TCP work.`
          }
        : {
            id: `tcp.ip${family}`,
            level: 'info',
            text:
              `IPv${family}: over TCP this machine is seen as ${host} port ${port}. ` +
              'Whether that port is the same for all could not be told from one server.',
            fix: 'join through a second node that answers STUN'
          }
    )
  }
  return all
}

function ipv6Finding(networks: readonly NatClass[]): Finding[] {
  if (networks.length === 0 || networks.some(({ family, udp }) => family === 6 && udp)) {
    return []
  }
  return [
    {
      id: 'ipv6',
      level: 'info',
      text: 'IPv6 was not seen to work. With it there is mostly no NAT at all.',
      fix: 'turn on IPv6 in the router, or ask the provider for it; join through a node that has IPv6 to have it tested'
    }
  ]
}

function reachFindings({ addresses, mappings, relays, networks, peers }: ReportParts): Finding[] {
  const all: Finding[] = []
  const reached = addresses.filter(({ reachability }) => reachability === 'verified')
  const assumed = addresses.filter(({ reachability }) => reachability === 'assumed')
  const confirmed = mappings.filter((mapping) => mapping.confirmed)
  if (reached.length > 0) {
    all.push({ id: 'reachable', level: 'ok', text: `Others dialled this node at ${reached[0]?.address ?? ''}.` })
  } else if (assumed.length > 0) {
    all.push({
      id: 'reachable',
      level: 'info',
      text: `This node announces ${assumed[0]?.address ?? ''}; nobody has tried it yet.`,
      fix: 'wait until another node has dialled it, or try it from outside'
    })
  } else if (networks.some(isOpen)) {
    all.push({
      id: 'reachable',
      level: 'info',
      text: 'Others should reach this node directly; nobody has tried it yet.',
      fix: 'wait until another node has dialled it, or try it from outside'
    })
  } else if (relays.length > 0) {
    all.push({
      id: 'reachable',
      level: 'info',
      text: 'Others reach this node through a relay first, and directly after that where the NATs let them.',
      fix: FORWARD
    })
  } else if (peers > 0) {
    all.push({
      id: 'reachable',
      level: 'problem',
      text: 'Nobody outside this network can connect to this node: no address was confirmed and no relay holds a place.',
      fix: `join through a relay node with --bootstrap, or ${FORWARD}`
    })
  }
  const [mapped] = mappings
  if (mapped !== undefined) {
    const { method, protocol, externalHost, externalPort } = confirmed[0] ?? mapped
    const text = `The router lets in ${protocol.toUpperCase()} port ${externalPort} at ${externalHost} (${method})`
    all.push(
      confirmed.length > 0
        ? { id: 'port-mapping', level: 'ok', text: `${text}.` }
        : {
            id: 'port-mapping',
            level: 'info',
            text: `${text}; no node outside has confirmed it.`,
            fix: 'wait a moment; when it stays so, there is a second NAT or a firewall in front of the router'
          }
    )
  } else if (networks.some(({ mapping }) => mapping !== undefined && mapping !== 'none')) {
    all.push({ id: 'port-mapping', level: 'info', text: 'No router answered that maps ports by itself.', fix: FORWARD })
  }
  if (relays.length > 0) {
    const count = relays.length === 1 ? 'One relay holds' : `${relays.length} relays hold`
    all.push({ id: 'relays', level: 'ok', text: `${count} a place for this node.` })
  } else if (reached.length === 0 && assumed.length === 0 && peers > 0) {
    all.push({
      id: 'relays',
      level: 'warn',
      text: 'No relay holds a place for this node.',
      fix: 'join through a node that serves as a relay'
    })
  }
  return all
}

/** Whether datagrams of anybody come in. */
function isOpen({ mapping, filtering, outside }: NatClass): boolean {
  return (
    filtering === 'endpoint-independent' &&
    (mapping === 'none' || mapping === 'endpoint-independent') &&
    outside !== undefined &&
    !isInsideAddress(outside.host)
  )
}

function clockFinding({ clock }: ReportParts): Finding[] {
  if (clock === undefined) {
    return []
  }
  const { offsetMs, errorMs, samples } = clock
  // what the exchange itself may have taken is not held against the clock
  const offMs = Math.max(0, Math.abs(offsetMs) - errorMs)
  const by = samples === 1 ? 'one node' : `${samples} nodes`
  if (offMs < CLOCK_WARN_MS) {
    return [{ id: 'clock', level: 'ok', text: `The clock agrees with ${by} to ${formatMs(Math.abs(offsetMs))}.` }]
  }
  return [
    {
      id: 'clock',
      level: offMs < CLOCK_PROBLEM_MS ? 'warn' : 'problem',
      text: `The clock is ${formatMs(offMs)} ${offsetMs > 0 ? 'behind' : 'ahead of'} that of ${by}.`,
      fix: 'turn on time synchronisation (NTP) in the system settings'
    }
  ]
}

function formatMs(ms: number): string {
  return ms < 1000
    ? `${Math.round(ms)} ms`
    : ms < 120_000
      ? `${Math.round(ms / 1000)} s`
      : `${Math.round(ms / 60_000)} min`
}

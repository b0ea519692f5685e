import { NARROW_POOL } from '../nat-types.ts'
import type { NatType } from '../nat-types.ts'

/** What one translator does. A carrier's and a home router's rules are of the same kinds. */
export type RouterKind = Exclude<NatType, 'public' | 'lan' | 'cgnat' | 'cgnat-symmetric' | 'ipv6-only' | 'dual-stack'>

/** Linux keeps a UDP flow that was answered this long; what we learn of mappings lives as long. */
const MAPPING_LIFETIME = '120s'

/** Neighbours too: where the br_netfilter module is loaded, what a bridge passes on comes by here. */
const FROM_LAN = 'iifname "lan" oifname { "wan", "lan" } accept'

/**
 * The IPv4 rules of a NAT between `lan` and `wan`, as nft reads them.
 *
 * Linux by itself is port-restricted: `masquerade` keeps the port of a socket for every destination, and conntrack lets
 * in answers only. What is more open than that learns, after translation, which outside port stands for which socket.
 */
export function natRules(kind: RouterKind): string {
  const chains = [
    chain('forward', 'filter hook forward priority filter; policy drop', [
      ...(kind === 'udp-blocked' ? ['iifname "lan" oifname "wan" udp dport != 53 drop'] : []),
      'ct state established,related accept',
      FROM_LAN,
      'ct status dnat accept'
    ]),
    // a packet that the router takes in leaves a conntrack entry, and that entry makes a later mapping of the same port
    // move to another one: so what nobody asked for is dropped, not ignored
    chain('input', 'filter hook input priority filter; policy accept', [
      'iifname "wan" ct state established,related accept',
      ...(kind === 'rst' ? ['iifname "wan" meta l4proto tcp reject with tcp reset', 'iifname "wan" reject'] : []),
      'iifname "wan" drop'
    ]),
    chain('postrouting', 'nat hook postrouting priority srcnat; policy accept', masquerade(kind))
  ]
  return table('ip', 'netlab', [...learning(kind), ...chains])
}

/** The IPv6 rules of a home router: nothing is translated, and what nobody asked for is dropped (RFC 6092). */
export function firewallRules(): string {
  return table('ip6', 'netlab', [
    chain('forward', 'filter hook forward priority filter; policy drop', [
      'ct state established,related accept',
      FROM_LAN
    ]),
    chain('input', 'filter hook input priority filter; policy accept', [
      'iifname "wan" ct state established,related accept',
      'iifname "wan" meta l4proto != ipv6-icmp drop'
    ])
  ])
}

/** The chains miniupnpd fills. They come before our own, whose forward chain then sees a translated packet. */
export function upnpRules(): string {
  return table('inet', 'filter', [
    'chain miniupnpd { }',
    'chain prerouting_miniupnpd { }',
    'chain postrouting_miniupnpd { }',
    chain('forward', 'filter hook forward priority -1; policy accept', ['jump miniupnpd']),
    chain('prerouting', 'nat hook prerouting priority dstnat; policy accept', ['jump prerouting_miniupnpd']),
    chain('postrouting', 'nat hook postrouting priority 99; policy accept', ['jump postrouting_miniupnpd'])
  ])
}

function masquerade(kind: RouterKind): string[] {
  switch (kind) {
    case 'symmetric':
      return ['oifname "wan" masquerade fully-random']
    case 'symmetric-narrow':
      // a port range is only allowed where there are ports
      return [
        `oifname "wan" meta l4proto { tcp, udp } masquerade to :${NARROW_POOL[0]}-${NARROW_POOL[1]} fully-random`,
        'oifname "wan" masquerade'
      ]
    case 'full-cone':
    case 'address-restricted':
    case 'port-restricted':
    case 'rst':
    case 'udp-blocked':
    case 'upnp':
      return ['oifname "wan" masquerade']
  }
}

function learning(kind: RouterKind): string[] {
  if (kind !== 'full-cone' && kind !== 'address-restricted') {
    return []
  }
  const restricted = kind === 'address-restricted'
  const ports = 'meta l4proto { tcp, udp }'
  const inside = 'dnat ip to meta l4proto . th dport map @mapped'
  return [
    // outside port -> socket on the LAN
    `map mapped { typeof meta l4proto . th dport : ip daddr . th dport; size 65535; flags dynamic,timeout; timeout ${MAPPING_LIFETIME}; }`,
    ...(restricted
      ? // who may send to which outside port
        [
          `set allowed { typeof ip saddr . meta l4proto . th dport; size 65535; flags dynamic,timeout; timeout ${MAPPING_LIFETIME}; }`
        ]
      : []),
    chain('learn', 'filter hook postrouting priority 110; policy accept', [
      // of a flow that was let in, the LAN's socket is the one that answers
      ...(['original', 'reply'] as const).map(
        (way) =>
          `oifname "wan" ct direction ${way} ${ports} update @mapped { meta l4proto . th sport : ct ${way} ip saddr . ct ${way} proto-src }`
      ),
      ...(restricted ? [`oifname "wan" ${ports} update @allowed { ip daddr . meta l4proto . th sport }`] : [])
    ]),
    chain('prerouting', 'nat hook prerouting priority dstnat; policy accept', [
      restricted
        ? `iifname "wan" fib daddr type local ip saddr . meta l4proto . th dport @allowed ${inside}`
        : `iifname "wan" fib daddr type local ${ports} ${inside}`
    ])
  ]
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return [`chain ${name} {`, `  type ${hook};`, ...rules.map((rule) => `  ${rule}`), '}'].join('\n')
}

function table(family: string, name: string, blocks: readonly string[]): string {
  const body = blocks.flatMap((block) => block.split('\n')).map((line) => `  ${line}`)
  // added and deleted first, so that the same text also starts over
  return [
    `table ${family} ${name}`,
    `delete table ${family} ${name}`,
    `table ${family} ${name} {`,
    ...body,
    '}',
    ''
  ].join('\n')
}

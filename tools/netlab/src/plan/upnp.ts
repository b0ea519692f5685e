/** Serves UPnP IGD, NAT-PMP and PCP to the LAN; nobody else may map, and nobody maps for another host. */
export function upnpConfig({ lan, uuid }: { readonly lan: string; readonly uuid: string }, folder: string): string {
  const network = lan.replace(/\d+\/\d+$/, '0/24')
  const settings = {
    ext_ifname: 'wan',
    listening_ip: 'lan',
    enable_upnp: 'yes',
    enable_natpmp: 'yes',
    secure_mode: 'yes',
    system_uptime: 'yes',
    uuid,
    lease_file: `${folder}/leases`,
    upnp_table_name: 'filter',
    upnp_nat_table_name: 'filter',
    upnp_forward_chain: 'miniupnpd',
    upnp_nat_chain: 'prerouting_miniupnpd',
    upnp_nat_postrouting_chain: 'postrouting_miniupnpd'
  }
  const rules = [`allow 1024-65535 ${network} 1024-65535`, 'deny 0-65535 0.0.0.0/0 0-65535']
  return [...Object.entries(settings).map(([key, value]) => `${key}=${value}`), ...rules, ''].join('\n')
}

/**
 * Budgets, minified and compressed. "own": our code alone, so that a package stays as small as its concern. "whole": with
 * everything it brings along, so that a dependency that costs more than it gives is seen. Raise one with its reason.
 */
const own = (name, limit) => entry(`${name}, own code`, name, limit, { packages: 'external' })
const whole = (name, limit) => entry(`${name}, with all it imports`, name, limit, {})

function entry(title, name, limit, extra) {
  const folder = ['cli', 'node-server'].includes(name) ? 'apps' : 'packages'
  return {
    name: title,
    path: `${folder}/${name}/dist/index.js`,
    limit,
    modifyEsbuildConfig: (config) => ({ ...config, platform: 'node', format: 'esm', ...extra })
  }
}

/** Files that are bundles already. */
const asIs = (name, path, limit) => ({
  name,
  path,
  limit,
  modifyEsbuildConfig: (config) => ({ ...config, platform: 'node', format: 'esm', bundle: false })
})

export default [
  own('interface', '1 kB'),
  // provider records, lookups, announcements, names, caps of the table: all but the table is its own
  own('dht', '28 kB'),
  // the membership machine (40 files of pure functions), its links, and topics
  own('gossip', '36 kB'),
  // probing, mapping, relays (used before they said yes), punching and paths; then STUN at every host, what a relay's server says
  // wrong put right, circuits that are there used again
  own('nat', '58 kB'),
  own('transport-tcp', '16 kB'),
  own('transport-udx', '20 kB'),
  // since the data plane: the swarm policy (25 files of pure functions), rate limits, bulk channels, workers; then disks that
  // refuse, verify and scrub, private shares, why a transfer stalls; then reading and priorities, bans, scrubs by themselves; then what
  // hostile peers may hold and take over, shares on disks that are away
  own('transfer', '98 kB'),
  // with the dial gate and private networks
  own('core', '12 kB'),
  // with the commands of the DHT, names, networks, verify, scrub, cat and bans
  own('cli', '22 kB'),
  own('node-server', '7 kB'),
  whole('transfer', '140 kB'),
  whole('core', '705 kB'),
  // what is read before a command runs, and all there is to read; compiled code is about as large
  asIs('cli, the file that starts', 'apps/cli/dist/bundle/main.js', '32 kB'),
  asIs('cli, all files of its bundle', 'apps/cli/dist/bundle/*.js', '650 kB')
]

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
  // with provider records of its own, and how they are served and kept
  own('dht', '10 kB'),
  // the membership machine (40 files of pure functions), its links, and topics
  own('gossip', '36 kB'),
  // probing, mapping, relays, punching and paths
  own('nat', '54 kB'),
  own('transport-tcp', '16 kB'),
  own('transport-udx', '20 kB'),
  // since the data plane: the swarm policy (25 files of pure functions), rate limits, bulk channels, workers
  own('transfer', '72 kB'),
  own('core', '7 kB'),
  own('cli', '14 kB'),
  own('node-server', '7 kB'),
  whole('transfer', '116 kB'),
  whole('core', '650 kB'),
  // what is read before a command runs, and all there is to read; compiled code is about as large
  asIs('cli, the file that starts', 'apps/cli/dist/bundle/main.js', '25 kB'),
  asIs('cli, all files of its bundle', 'apps/cli/dist/bundle/*.js', '650 kB')
]

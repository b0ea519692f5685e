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

export default [
  own('interface', '1 kB'),
  own('dht', '5 kB'),
  own('gossip', '7 kB'),
  own('nat', '3 kB'),
  own('transfer', '50 kB'),
  own('core', '7 kB'),
  own('cli', '12 kB'),
  own('node-server', '7 kB'),
  whole('transfer', '100 kB'),
  whole('core', '550 kB')
]

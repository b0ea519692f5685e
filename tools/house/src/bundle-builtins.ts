import { builtinModules, isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/** Namespaces of the modules that stand for Node's own: one for `import`, one for `require()`. */
const IMPORTED = 'node-import'
const REQUIRED = 'node-require'

/**
 * Node's own modules by `process.getBuiltinModule()` instead of `import`, which reads every export there is, also those
 * that load half a dozen modules more when they are first read. Names nobody uses are shaken out.
 */
export const builtinsAsNeeded: Plugin = {
  name: 'builtins-as-needed',
  setup(builder) {
    builder.onResolve({ filter: new RegExp(`^(?:node:.*|${builtinModules.join('|')})$`) }, ({ path, kind }) => {
      if (!isBuiltin(path) || kind === 'dynamic-import') {
        return undefined
      }
      return { path: path.replace(/^node:/, ''), namespace: kind === 'require-call' ? REQUIRED : IMPORTED }
    })
    builder.onLoad({ filter: /.*/, namespace: IMPORTED }, ({ path }) => ({ contents: asModule(path), loader: 'js' }))
    builder.onLoad({ filter: /.*/, namespace: REQUIRED }, ({ path }) => ({
      contents: `module.exports = ${got(path)}`,
      loader: 'js'
    }))
  }
}

/** An ES module with the exports of one of Node's own, each read only when somebody imports it. */
export function asModule(id: string): string {
  const names = Object.keys(process.getBuiltinModule(id) ?? {}).filter((name) => name !== 'default')
  const reads = names.map((name, index) => `const _${index} = /* @__PURE__ */ (() => all[${JSON.stringify(name)}])()`)
  const exported = names.map((name, index) => `_${index} as ${JSON.stringify(name)}`)
  return [`const all = ${got(id)}`, ...reads, `export { ${exported.join(', ')} }`, 'export default all'].join('\n')
}

function got(id: string): string {
  return `process.getBuiltinModule(${JSON.stringify(id)})`
}

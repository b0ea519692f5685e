import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * The module of each package that loads its compiled addon: it looks for files beside itself, so it stays where it was
 * installed, and the package is a dependency of the app.
 */
const NATIVE_LOADERS: Readonly<Record<string, string>> = { 'classic-level': './binding', 'udx-native': '../binding' }

const NAMESPACE = 'native'

/** A package that finds native code by its own folder cannot be bundled without a line in `NATIVE_LOADERS`. */
export const NATIVE = /\.node$|\/(?:node-gyp-build|node-gyp-build-optional-packages|bindings|prebuild-install)\//

/** Leaves addons where they are installed, and finds them faster than their packages do. */
export const nativeLoaders: Plugin = {
  name: 'native-loaders',
  setup(builder) {
    builder.onResolve({ filter: /^\.\.?\/binding(?:\.js)?$/ }, ({ importer, path }) => {
      const from = dirname(importer).replaceAll('\\', '/')
      const found = Object.entries(NATIVE_LOADERS).find(
        ([name, loader]) =>
          /\/node_modules\/(.+?)(?:\/lib)?$/.exec(from)?.[1]?.endsWith(name) === true && path.startsWith(loader)
      )
      return found === undefined ? undefined : { path: found[0], namespace: NAMESPACE }
    })
    builder.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: load(path), loader: 'js' }))
    builder.onResolve({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ path, external: true }))
  }
}

/**
 * The addon that the package brings for this system. Where that is not it (musl, systems with several kinds of
 * processor), the package's own loader, which reads folders and manifests for 5 to 9 ms before it finds the same file.
 */
function load(name: string): string {
  const loader = `${name}/${NATIVE_LOADERS[name]?.replace(/^[./]+/, '') ?? ''}.js`
  return [
    "const musl = process.getBuiltinModule('fs').existsSync('/etc/alpine-release')",
    'try {',
    `  module.exports = musl ? require('${loader}') : require(\`${name}/prebuilds/\${process.platform}-\${process.arch}/${name}.node\`)`,
    '} catch {',
    `  module.exports = require('${loader}')`,
    '}'
  ].join('\n')
}

/**
 * `node tools/house/src/bundle.ts apps/cli`: an app's `dist/main.js` and all it imports as few files in `dist/bundle`,
 * which start several times faster than hundreds of modules. What is imported dynamically stays a file of its own and
 * is loaded when it is needed. The last step of an app's `build`.
 */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { noticesText, packageFolders, readNotice } from './bundle-notices.ts'
import { ROOT } from './workspace.ts'

/** Found by `new URL('./leaf-worker.js', import.meta.url)`, so it keeps its name beside the chunks. */
const WORKERS = ['packages/transfer/dist/worker/leaf-worker.js']

/**
 * The module of each package that loads its compiled addon: it looks for files beside itself, so it stays where it was
 * installed, and the package is a dependency of the app.
 */
const NATIVE_LOADERS: Readonly<Record<string, string>> = { 'classic-level': './binding', 'udx-native': '../binding' }

/** A package that finds native code by its own folder cannot be bundled without a line in `NATIVE_LOADERS`. */
const NATIVE = /\.node$|\/(?:node-gyp-build|node-gyp-build-optional-packages|bindings|prebuild-install)\//

const keepNativeLoaders: Plugin = {
  name: 'keep-native-loaders',
  setup(builder) {
    builder.onResolve({ filter: /^\.\.?\/binding(?:\.js)?$/ }, ({ importer, path }) => {
      const from = dirname(importer).replaceAll('\\', '/')
      const found = Object.entries(NATIVE_LOADERS).find(
        ([name, loader]) =>
          /\/node_modules\/(.+?)(?:\/lib)?$/.exec(from)?.[1]?.endsWith(name) === true && path.startsWith(loader)
      )
      return found === undefined
        ? undefined
        : { path: `${found[0]}/${found[1].replace(/^\.+\//, '')}.js`, external: true }
    })
  }
}

const folder = process.argv[2]
if (folder === undefined || !existsSync(join(ROOT, folder, 'dist/main.js'))) {
  console.error('name the folder of an app that is compiled, as in: bundle.ts apps/cli')
  process.exit(2)
}

const outdir = join(ROOT, folder, 'dist/bundle')
await rm(outdir, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: [`${folder}/dist/main.js`, ...WORKERS].map((path) => ({
    in: path,
    out: path.slice(path.lastIndexOf('/') + 1, -'.js'.length)
  })),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  metafile: true,
  // names stay, so that a stack says who called; bin/launcher.js turns the maps on when somebody debugs
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  plugins: [keepNativeLoaders],
  // CommonJS packages ask for Node's own modules with it
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);"
  },
  logLevel: 'warning'
})

const inputs = [...new Set(Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs)))]
const native = inputs.filter((path) => NATIVE.test(path))
if (native.length > 0) {
  console.error(`native code cannot be bundled; add its loader to NATIVE_LOADERS: ${native.join(', ')}`)
  process.exit(1)
}

const notices = await Promise.all(packageFolders(inputs).map(async (path) => readNotice(join(ROOT, path))))
await writeFile(join(outdir, 'LICENSES.txt'), await noticesText(notices))

const bytes = Object.entries(metafile.outputs).reduce(
  (sum, [path, output]) => sum + (path.endsWith('.js') ? output.bytes : 0),
  0
)
console.log(`${folder}: ${inputs.length} modules of ${notices.length} packages in ${(bytes / 1e6).toFixed(1)} MB`)

/**
 * `node tools/house/src/bundle.ts apps/cli`: an app's `dist/main.js` and all it imports as few files in `dist/bundle`,
 * which start several times faster than hundreds of modules. What is imported dynamically stays a file of its own and
 * is loaded when it is needed. The last step of an app's `build`. Another program of the folder, and where it goes, may
 * follow: `bundle.ts tools/bench src/peers/p2pshare.ts dist/p2pshare`.
 */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { builtinsAsNeeded } from './bundle-builtins.ts'
import { cheaperStarts } from './bundle-edits.ts'
import { noticesText, packageFolders, readNotice } from './bundle-notices.ts'
import { NATIVE, nativeLoaders } from './bundle-native.ts'
import { ROOT } from './workspace.ts'

/** Found by `new URL('./leaf-worker.js', import.meta.url)`, so it keeps its name beside the chunks. */
const WORKERS = ['packages/transfer/dist/worker/leaf-worker.js']

const [folder = '', entry = 'dist/main.js', to = 'dist/bundle'] = process.argv.slice(2)
if (folder === '' || !existsSync(join(ROOT, folder, entry))) {
  console.error('name the folder of an app that is compiled, as in: bundle.ts apps/cli')
  process.exit(2)
}

const outdir = join(ROOT, folder, to)
await rm(outdir, { recursive: true, force: true })
const common = {
  absWorkingDir: ROOT,
  outdir,
  bundle: true,
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
  plugins: [nativeLoaders, builtinsAsNeeded, cheaperStarts],
  // native code is loaded with it
  banner: { js: "var require = (id) => process.getBuiltinModule('module').createRequire(import.meta.url)(id);" },
  logLevel: 'warning'
} satisfies BuildOptions
const built = await Promise.all([
  build({ ...common, entryPoints: { [parse(entry).name]: `${folder}/${entry}` }, splitting: true }),
  // workers apart: each runs by itself, and what it shared with the program would be files more for both to find
  ...WORKERS.map(async (path) => build({ ...common, entryPoints: { [parse(path).name]: path } }))
])
const outputs = built.flatMap(({ metafile }) => Object.entries(metafile.outputs))

const inputs = [...new Set(outputs.flatMap(([, output]) => Object.keys(output.inputs)))]
const native = inputs.filter((path) => NATIVE.test(path))
if (native.length > 0) {
  console.error(`native code cannot be bundled; add its loader to NATIVE_LOADERS: ${native.join(', ')}`)
  process.exit(1)
}

const notices = await Promise.all(packageFolders(inputs).map(async (path) => readNotice(join(ROOT, path))))
await writeFile(join(outdir, 'LICENSES.txt'), await noticesText(notices))

const bytes = outputs.reduce((sum, [path, output]) => sum + (path.endsWith('.js') ? output.bytes : 0), 0)
console.log(`${folder}: ${inputs.length} modules of ${notices.length} packages in ${(bytes / 1e6).toFixed(1)} MB`)

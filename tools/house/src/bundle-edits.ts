import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** A place in the code of others that costs every start some milliseconds, and what stands there in a bundle. */
export interface Edit {
  /** In `node_modules`. */
  readonly file: string
  readonly find: string
  readonly put: string
}

/** Numbers from which the DHT makes keys for its refresh: a fifth of a bundle, and in use an hour after the start. */
const PREFIXES = '@libp2p/kad-dht/dist/src/routing-table/generated-prefix-list.js'

/** DER of an Ed25519 private key, up to its 32 bytes (RFC 8410). */
const ED25519_PKCS8 = '302e020100300506032b657004220420'

/**
 * Each says the same by other means. An edit whose place is gone fails the build: then the package has a new version, and
 * somebody has to look.
 */
export const EDITS: readonly Edit[] = [
  // 10 ms: the first one loads Unicode's collation. The order is that of a stored record, to be compared with itself
  {
    file: '@libp2p/peer-store/dist/src/utils/to-peer-pb.js',
    find: 'return a.localeCompare(b);',
    put: 'return a < b ? -1 : a > b ? 1 : 0;'
  },
  {
    file: '@libp2p/peer-store/dist/src/utils/dedupe-addresses.js',
    find: 'return a.multiaddr.toString().localeCompare(b.multiaddr.toString());',
    put: 'return a.multiaddr.toString() < b.multiaddr.toString() ? -1 : 1;'
  },
  // 3 ms: a curve in JavaScript, for what Node's own can do. All else in that file is Node's already
  {
    file: '@libp2p/crypto/dist/src/keys/ed25519/index.js',
    find: "import { ed25519 as ed } from '@noble/curves/ed25519.js';",
    put: ''
  },
  {
    file: '@libp2p/crypto/dist/src/keys/ed25519/index.js',
    find: 'return ed.getPublicKey(privateKey);',
    put: [
      `const key = Buffer.concat([Buffer.from('${ED25519_PKCS8}', 'hex'), privateKey]);`,
      "const { x } = crypto.createPublicKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });",
      "return uint8arrayFromString(x, 'base64url');"
    ].join('\n')
  },
  // 12 ms: services start at the same time, and each of 20 protocols was read from and written to the database by itself.
  // While one is written, those that come gather, and are written together
  {
    file: 'libp2p/dist/src/registrar.js',
    find: `await this.components.peerStore.merge(this.components.peerId, {
            protocols: [protocol]
        }, opts);`,
    put: `if (this.gathered == null) {
            const gathered = { protocols: [] };
            this.gathered = gathered;
            this.written = gathered.written = (this.written ?? Promise.resolve()).catch(() => {}).then(async () => {
                this.gathered = undefined;
                const protocols = gathered.protocols.filter((name) => this.handlers.has(name));
                await this.components.peerStore.merge(this.components.peerId, { protocols });
            });
        }
        this.gathered.protocols.push(protocol);
        await this.gathered.written;`
  },
  {
    file: '@libp2p/kad-dht/dist/src/routing-table/refresh.js',
    find: 'GENERATED_PREFIXES[targetPrefix]',
    put: 'GENERATED_PREFIXES()[targetPrefix]'
  }
]

/** Lays the edits over what is bundled. */
export const cheaperStarts: Plugin = {
  name: 'cheaper-starts',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]node_modules[\\/]@?libp2p[\\/]/ }, async ({ path }) => {
      const name = path.replaceAll('\\', '/')
      if (name.endsWith(PREFIXES)) {
        return { contents: readLater, loader: 'js', resolveDir: dirname(path) }
      }
      const edits = EDITS.filter(({ file }) => name.endsWith(file))
      if (edits.length === 0) {
        return undefined
      }
      const text = await readFile(path, 'utf8')
      return { contents: edits.reduce(edited, text), loader: 'js', resolveDir: dirname(path) }
    })
    builder.onResolve({ filter: /^kad-prefixes$/ }, ({ resolveDir }) => ({
      path: 'kad-prefixes.json',
      namespace: 'kad-prefixes',
      pluginData: resolveDir
    }))
    builder.onLoad({ filter: /.*/, namespace: 'kad-prefixes' }, async ({ pluginData }) => ({
      contents: prefixesOf(await readFile(join(String(pluginData), basename(PREFIXES)), 'utf8')),
      loader: 'file'
    }))
  }
}

const readLater = `
import file from 'kad-prefixes'
import { readFileSync } from 'node:fs'
let list
export default () => (list ??= JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')))
`

/** The array that the module exports, as JSON. Throws when it is something else. */
export function prefixesOf(source: string): string {
  const [, array = ''] = /^export default (\[[\d,\s]+\])/m.exec(source) ?? []
  const numbers = JSON.parse(array.replace(/,\s*\]$/, ']')) as number[]
  return JSON.stringify(numbers)
}

/** Throws when the place is not there. */
export function edited(text: string, { file, find, put }: Edit): string {
  if (!text.includes(find)) {
    throw new Error(`${file} has no ${JSON.stringify(find)} any more: look at bundle-edits.ts`)
  }
  return text.replaceAll(find, put)
}

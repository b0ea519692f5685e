import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { ViteUserConfig } from 'vitest/config'

/** Vitest settings every package shares; packages see each other's source with nothing built. */
export function packageConfig (root: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    root,
    resolve: { conditions: ['@p2pshare/source', 'node', 'import', 'module', 'default'] },
    ssr: { resolve: { conditions: ['@p2pshare/source', 'node', 'import', 'module', 'default'] } },
    test: {
      name: basename(root),
      include: ['test/**/*.test.ts'],
      testTimeout: 20_000,
      ...overrides
    }
  })
}

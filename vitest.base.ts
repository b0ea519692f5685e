import { basename, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { ViteUserConfig } from 'vitest/config'

// not `import`: workers get these for `require` too, and a CommonJS dependency would get ES modules
const conditions = ['@p2pshare/source', 'node']

/**
 * Where each project leaves its counts; Nx caches the file and tools/house adds them up. Only runs that Nx started write
 * it: somebody's run of one file must not stand for the whole project.
 */
const TEST_REPORT = 'test-results/vitest.json'
const startedByNx = process.env['NX_TASK_TARGET_TARGET'] === 'test'

/** Vitest settings every package shares; packages see each other's source with nothing built. */
export function packageConfig(root: string, overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name: basename(root),
      include: ['test/**/*.test.ts'],
      setupFiles: [join(import.meta.dirname, 'vitest.seed.ts')],
      // guards against what hangs, no claims about speed: on a busy machine a test waits for its turn
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 20_000 } },
      // one test that loses a race must not hide what 5,000 others say; it is named as UNSTEADY at the end of the run
      retry: process.env['CI'] === 'true' ? 1 : 0,
      reporters: startedByNx ? ['default', ['json', { outputFile: TEST_REPORT }]] : ['default'],
      ...overrides
    }
  })
}

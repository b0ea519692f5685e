import { packageConfig } from '../../vitest.base.ts'

/** What needs namespaces: `npm run test:netlab`, as root or where user namespaces are allowed. */
export default packageConfig(import.meta.dirname, {
  include: ['test/lab/**/*.lab.ts', '../netlab-matrix/test/lab/**/*.lab.ts', '../../packages/*/test/lab/**/*.lab.ts'],
  // real time passes in a lab, on a machine that may be busy
  testTimeout: 60_000,
  hookTimeout: 60_000,
  fileParallelism: false
})

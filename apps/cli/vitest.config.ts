import { packageConfig } from '../../vitest.base.ts'

// the tests of whole processes mostly wait for them, and longer on a machine that has other work
export default packageConfig(import.meta.dirname, { testTimeout: 180_000, maxWorkers: 3 })

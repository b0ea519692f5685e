import { packageConfig } from '../../vitest.base.ts'

// the tests of whole processes mostly wait for them
export default packageConfig(import.meta.dirname, { maxWorkers: 3 })

import { packageConfig } from '../../vitest.base.ts'
const c = packageConfig(import.meta.dirname)
c.resolve.alias = { '@p2pshare/nat': import.meta.dirname + '/zz-nat.ts' }
export default c

import { identify } from '@libp2p/identify'
export interface NatInit {}
export interface Nat { path(p: any): any }
export function nat(_init: any = {}) { return (c: any) => ({ path: (p: any) => { const x = c.connectionManager.getConnections(p)[0]; return x === undefined ? { kind: 'none' } : { kind: 'direct', address: x.remoteAddr } } }) }
export { identify }

/**
 * @packageDocumentation
 *
 * What `@p2pshare/transport-tcp` reads from others, alone: every decoder with its bound, and the encoders beside them. For those who
 * test or implement the protocol; `npm run torture:fuzz` of the repository feeds each with garbage.
 */
export { parseCertificate } from './tls/certificate.ts'
export { MAX_CERTIFICATE_BYTES } from './tls/constants.ts'
export { generateCertificate } from './tls/generate.ts'

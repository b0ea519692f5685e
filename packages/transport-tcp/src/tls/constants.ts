/** The id that multistream-select agrees on: https://github.com/libp2p/specs/blob/master/tls/tls.md. */
export const TLS_PROTOCOL = '/tls/1.0.0'

/** What a peer offers when it wants no muxer chosen within the handshake. */
export const ALPN_LIBP2P = 'libp2p'

/**
 * A certificate that carries the largest host key and is itself signed by the largest RSA key has about 5 KiB. Beyond
 * this nothing is parsed.
 */
export const MAX_CERTIFICATE_BYTES = 16 * 1024

/** No libp2p implementation sends more than two; each is looked at, so their number is bounded. */
export const MAX_EXTENSIONS = 16

/** An RSA key of 8,192 bits in its protobuf has 1,066 bytes; every other key is smaller. */
export const MAX_HOST_KEY_BYTES = 2 * 1024

/** A signature of an RSA key of 8,192 bits has 1,024 bytes; every other signature is smaller. */
export const MAX_SIGNATURE_BYTES = 1024

/** As go-libp2p: a smaller key does not protect. */
export const MIN_RSA_BITS = 2048

/** As go-libp2p and js-libp2p: a larger key costs the one who checks it too much. */
export const MAX_RSA_BITS = 8192

/** A peer whose clock is a day behind ours, as after a wrong time zone, can still take our certificate. */
export const CERTIFICATE_BACKDATED_MS = 24 * 60 * 60 * 1000

/** Long enough for a peer whose clock runs weeks ahead; short enough that a leaked key of TLS stops being useful. */
export const CERTIFICATE_LIFETIME_MS = 60 * 24 * 60 * 60 * 1000

/** Half of its life before the end, so that no peer ever sees a certificate that is about to expire. */
export const CERTIFICATE_RENEW_BEFORE_MS = CERTIFICATE_LIFETIME_MS / 2

/** As long as js-libp2p gives a whole upgrade; the caller's signal usually ends it sooner. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** The header of multistream-select 1.0, which names itself, as it is sent: its length comes first. */
export const MULTISTREAM_HEADER = new TextEncoder().encode('\u0013/multistream/1.0.0\n')

/** Peers of which it is remembered that they wanted another protocol than the first; the oldest is forgotten. */
export const MAX_REFUSERS = 256

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Bytes of one record: the IPNS specification's bound. */
export const MAX_NAME_RECORD_BYTES = 10 * 1024

/** Characters of what a name stands for: `/ipfs/`, a CID and a path. */
export const MAX_NAME_VALUE_BYTES = 1024

/** How long a record counts: one that is older may be an old one that somebody shows again. */
export const NAME_LIFETIME_MS = 48 * hour

/** How far an expiry may lie beyond that, for clocks that differ. */
export const NAME_CLOCK_SLACK_MS = 10 * minute

/** How long others may answer from memory without asking again. */
export const NAME_TTL_MS = 5 * minute

/** Records are told again this often, since holders come and go. */
export const NAME_REPUBLISH_MS = 4 * hour

/** How often this node looks whether a record is due. */
export const NAME_CHECK_MS = 5 * minute

/** Names that this node keeps for others: 64 MiB at a kilobyte each, and never more than `MAX_STORED_NAME_BYTES`. */
export const MAX_STORED_NAMES = 65_536

/** Bytes of all records that this node keeps for others. */
export const MAX_STORED_NAME_BYTES = 64 * 1024 * 1024

/** Names this node has published or looked up, whose latest records it remembers. */
export const MAX_KNOWN_NAMES = 4_096

/** How many holders have to take a record before it counts as published, where there are so many. */
export const NAME_ENOUGH_ACKS = 5

/** Answers after which a search ends with the best that came, if the rest is slower than this. */
export const NAME_ENOUGH_ANSWERS = 8
export const NAME_GRACE_MS = 500

/** One publish or search takes no longer. */
export const NAME_TIMEOUT_MS = 30 * second

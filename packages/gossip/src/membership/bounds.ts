/** Members held, dead and left ones included. A view of so many costs about 150 KiB and their claims; see SPEC.md. */
export const MAX_MEMBERS = 16_384

/** Bytes that a member says about itself: 16 addresses of common length and a few words. Every member holds all of them. */
export const MAX_METADATA_BYTES = 1024

/** Ids on one ping or ack. More news than that between two pings is compared by digests. */
export const MAX_PING_IDS = 64

/** Claims on one ping or ack: who one is, and what the other is accused of. */
export const MAX_PING_CLAIMS = 4

/** Claims in one push. */
export const MAX_PUSH_CLAIMS = 256

/** Claims in one message of a comparison. */
export const MAX_SYNC_CLAIMS = 256

/** Bytes of claims in one push or sync; with the largest metadata that is about 50 claims. */
export const MAX_CLAIMS_BYTES = 60 * 1024

/** Bytes of one message of any type: a push of claims, or a summary at its limit. */
export const MAX_MESSAGE_BYTES = 64 * 1024

/** Ids in one want. */
export const MAX_WANT_IDS = 64

/** Buckets of a digest, a power of two: 16 members in each at the most members. */
export const MAX_DIGEST_BUCKETS = 1024

/** Ids in one summary. Views that differ by more are compared over several rounds. */
export const MAX_SUMMARY_IDS = 4096

/** Links at once: 8 subjects, 8 observers, 2 of our choice and others' choices. Strangers beyond it are unlinked. */
export const MAX_LINKS = 24

/** Links at once with those that a rule wants: beyond it nobody is taken. */
export const MAX_LINKS_AT_ALL = 64

/** Steps of a node's doubt in itself: timeouts are at most 8 times as long. */
export const MAX_LOCAL_HEALTH = 7

/** Claims remembered for those that ask for them by id. */
export const MAX_RECENT_CLAIMS = 1024

/** Accusations remembered to hold accusers to their share; beyond it the oldest is forgotten. */
export const MAX_ACCUSATIONS = 8192

/** Accusers watched for refuted accusations; beyond it the one that came first is forgotten. */
export const MAX_ACCUSERS = 1024

/** Dead and left members remembered; beyond it the oldest is forgotten. */
export const MAX_TOMBSTONES = 8192

/** Claims that wait to be sent after comparisons. What is beyond it shows in the next comparison. */
export const MAX_SYNC_QUEUE = 4096

/** Claims of a snapshot that are used to find the others again. */
export const MAX_CONTACTS = 512

/** One session a peer and root (SPEC.md#sessions). */
export const TRANSFER_PROTOCOL = '/p2pshare/transfer/1.0.0'

/** The unit of REQUEST and CANCEL; the last block of a leaf may be shorter (SPEC.md#blocks). */
export const BLOCK_BYTES = 16 * 1024

/** Largest file data in a leaf: the largest block that IPFS tools exchange (2 MiB). */
export const MAX_LEAF_BYTES = 2 * 1024 * 1024

/** Largest inner node, as for leaves. */
export const MAX_NODE_BYTES = 2 * 1024 * 1024

/** 4 TiB at 1 MiB; the flat map of that many leaves is 160 MiB of memory. */
export const MAX_LEAVES = 4 * 1024 * 1024

/** Files, directories and symlinks together in one share. */
export const MAX_ENTRIES = 1_000_000

/** Directory levels below the root; ext4's PATH_MAX allows no more than 2,048 one-letter names. */
export const MAX_PATH_DEPTH = 128

/** Bytes of one path below the root, UTF-8. */
export const MAX_PATH_BYTES = 4096

/** Bytes of one name, UTF-8: NAME_MAX of every common file system. */
export const MAX_NAME_BYTES = 255

/** Levels of inner nodes in one file: a binary tree over `MAX_LEAVES` has 22, Kubo's profiles at most 4. */
export const MAX_FILE_DEPTH = 32

/**
 * Nodes a leaf map visits, a repeated one counted each time: small blocks that link to each other can unfold into
 * more visits than anybody waits for.
 */
export const MAX_NODE_VISITS = 4 * 1024 * 1024

/** Single blocks, one stream, no session (SPEC.md#small-content). */
export const BLOCK_PROTOCOL = '/p2pshare/block/1.0.0'

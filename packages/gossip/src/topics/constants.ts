const second = 1000
const KiB = 1024

/** Every node is in this topic: announcements of shares, and questions to all. */
export const NETWORK_TOPIC = '/p2pshare/network/1'

/** Before the root CID (as version 1, base32): the topic in which the peers of one share meet. */
export const SHARE_TOPIC_PREFIX = '/p2pshare/share/1/'

/** Streams between neighbours: what a newcomer in a topic is told, and answers on their way back. */
export const DIRECT_PROTOCOL = '/p2pshare/topics/1.0.0'

/** Addresses in one message. A node behind several relays on IPv4 and IPv6 has fewer; more are dial targets for free. */
export const MAX_ADDRESSES = 16

/** Bytes of one address: two peer ids, a relay, a long DNS name and certificate hashes fit. */
export const MAX_ADDRESS_BYTES = 256

/** Parts of a have-summary: 512 tell one half from the other, and a share of 1 GiB by 2 MiB. */
export const MAX_HAVE_MAP_BYTES = 64

/** Bytes of a presence: all addresses and the map at their limit, 3 bytes of framing each, counts, and the kind. */
export const MAX_PRESENCE_BYTES = MAX_ADDRESSES * (MAX_ADDRESS_BYTES + 3) + 2 + (MAX_HAVE_MAP_BYTES + 16) + 6

/** A root: version, codec and a SHA2-512 digest fit. */
export const MAX_ROOT_BYTES = 96

/** Bytes of the name of an announced share: what file systems allow. */
export const MAX_NAME_BYTES = 255

/** Largest size an announcement may claim: what a number holds exactly. */
export const MAX_SHARE_BYTES = Number.MAX_SAFE_INTEGER

export const QUESTION_ID_BYTES = 16

/** Bytes of the name under which questions are asked and answered. */
export const MAX_QUESTION_TOPIC_BYTES = 64

/** Bytes of a question: it reaches everybody, so it is small. */
export const MAX_QUESTION_BYTES = 4 * KiB

/** Bytes of an answer: it goes to one and not to all, so it may be larger than a question. */
export const MAX_ANSWER_BYTES = 16 * KiB

/** Answers one question may have: each node on the way back remembers who answered. */
export const MAX_ANSWERS = 256

/** Longest and shortest wait for answers. */
export const MAX_DEADLINE_MS = 60 * second
export const MIN_DEADLINE_MS = 50

export const ASK_DEFAULTS = Object.freeze({ deadlineMs: 2 * second, maxAnswers: 32 })

/** Bytes of a message in the network topic: the largest question or announcement, and its framing. */
export const MAX_NETWORK_MESSAGE_BYTES =
  Math.max(
    MAX_QUESTION_BYTES + MAX_QUESTION_TOPIC_BYTES,
    MAX_ROOT_BYTES + MAX_NAME_BYTES + MAX_ADDRESSES * (MAX_ADDRESS_BYTES + 3)
  ) +
  QUESTION_ID_BYTES +
  64

/** Messages of others one exchange hands on: enough to fill the slots of a download, some 10 KiB. */
export const MAX_RELAYED = 32

/** Bytes of a peer id in a message that is handed on: a SHA-256 needs 34, an inlined Ed25519 key 38. */
export const MAX_ID_BYTES = 64

/** Bytes of a signature in a message that is handed on: RSA-4096 fits. */
export const MAX_SIGNATURE_BYTES = 512

/** Bytes of a public key in a message that is handed on: RSA-4096 fits, with framing. */
export const MAX_KEY_BYTES = 600
export const SEQNO_BYTES = 8

/** Bytes of one exchange: 32 presences of honest size, or a few of the largest. */
export const MAX_EXCHANGE_BYTES = 48 * KiB

/** Messages of one direct stream: an exchange, and the answers that came meanwhile. */
export const MAX_BATCH_MESSAGES = 32

/** Bytes of one direct stream: an exchange and a few of the largest answers; all of it is held until it ends. */
export const MAX_BATCH_BYTES = 128 * KiB

/** How long one direct stream may take. */
export const DIRECT_TIMEOUT_MS = 10 * second

/** Streams of the direct protocol one peer may have open, each way. */
export const MAX_DIRECT_STREAMS = 4

/** Direct messages that wait for one neighbour: two streams full; beyond it the newest is dropped. */
export const MAX_OUTBOX_MESSAGES = 64

/** Neighbours that direct messages wait for: more than a node is busy with at once; beyond it the newest is dropped. */
export const MAX_OUTBOXES = 512

/** Bytes of one gossipsub frame, which holds subscriptions and several messages: 2,000 topic names fit. */
export const MAX_FRAME_BYTES = 256 * KiB

/** Bytes that may wait to be sent to one peer; one that does not read loses its gossip stream, not our memory. */
export const MAX_SEND_BUFFER_BYTES = KiB * KiB

/**
 * Bytes a second read from one neighbour, and how many at once before that holds; then its stream is paused and the
 * neighbour has to wait. Some 400 messages a second: what it costs to check them is a tenth of a core.
 */
export const NEIGHBOUR_BYTES_PER_SECOND = 128 * KiB
export const NEIGHBOUR_BURST_BYTES = KiB * KiB

/** Neighbours whose bytes are counted; more connections than a node has. */
export const MAX_PACED_PEERS = 4_096

/**
 * Neighbours a message is passed on to at once, and told of at each heartbeat. Wider than gossipsub's own 6 to 12 and 6:
 * small networks are stars around a bootstrap node, which else would leave out most of those that hang on it alone.
 * Messages are small and rare.
 */
export const MESH = Object.freeze({ D: 8, Dlo: 6, Dhi: 24, Dlazy: 24 })

/** Elements of one gossipsub frame. A frame beyond one of these is dropped whole. */
export const FRAME_LIMITS = Object.freeze({
  maxSubscriptions: 2_000,
  maxMessages: 500,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 2_000,
  maxPeerInfos: 16
})

/** Gossip streams one peer may have open to this node, of each version of the protocol: one, and one that replaces it. */
export const MAX_GOSSIP_STREAMS = 4

/** Messages below this many bytes are sent without asking who has them already: the asking would cost more. */
export const IDONTWANT_BYTES = 8 * KiB

/** Peers remembered per share. A swarm downloads from tens. */
export const MAX_SHARE_PEERS = 1_000

/** Peers remembered of all shares together: 16 shares full, or 32 of each of as many shares as a node exchanges. */
export const MAX_ALL_SHARE_PEERS = 16_384

/** Announcements remembered for newcomers, and how long. */
export const MAX_ANNOUNCEMENTS = 64
export const ANNOUNCEMENT_TTL_MS = 60 * 60 * second

/** Announcements that may wait for a consumer; beyond it the oldest is dropped. */
export const MAX_WAITING_ANNOUNCEMENTS = 256

/** Handlers of questions: one for each service of a program, of which it has few. */
export const MAX_HANDLERS = 64

/** Questions being answered at once: what strangers may have our handlers do at the same time. */
export const MAX_ANSWERING = 32

/** Questions whose answers pass through here: each is remembered until its deadline, with who answered. */
export const MAX_OPEN_QUESTIONS = 1_000

/** Own questions open at once. */
export const MAX_ASKING = 64

/** Peers whose faults are remembered. */
export const MAX_REPUTATIONS = 1_000

/** Signers and neighbours whose message rate is watched; beyond it the oldest window is forgotten. */
export const MAX_RATE_KEYS = 8_192

/** Messages of one signer in one topic that are passed on per window. */
export const MAX_MESSAGES_PER_SIGNER = 20

/** Messages one neighbour may bring per window, whoever signed them. */
export const MAX_MESSAGES_PER_NEIGHBOUR = 1_000
export const RATE_WINDOW_MS = 10 * second

/** Shortest pause between two presences of this node in one topic that newcomers cause, and what each listener adds. */
export const MIN_ANNOUNCE_GAP_MS = 250
export const ANNOUNCE_GAP_PER_PEER_MS = 25

/**
 * The gap doubles with each presence that follows another one this soon, up to this: while a swarm forms every newcomer is
 * a reason for everybody, and what everybody says comes to everybody once from each neighbour. Newcomers are told directly.
 */
export const MAX_ANNOUNCE_GAP_MS = 5 * second

/** How often, and how soon, a presence is repeated while a listener has no stream from us yet; the pause doubles. */
export const MAX_REACH_TRIES = 5
export const REACH_RETRY_MS = 250

/** The first presence is repeated once after this: a message on its way while the mesh is forming reaches only some. */
export const REPEAT_MS = 1_500

/** Each participant adds so much to the interval of all: a topic hears two presences a second at most. */
export const INTERVAL_PER_PEER_MS = 500

/** Most often that a participant may say it speaks. */
export const MIN_EVERY_S = 1

/** Least often that a participant may say it speaks: a week. Who is silent longer is forgotten. */
export const MAX_EVERY_S = 7 * 24 * 60 * 60
export const DEFAULT_EVERY_S = 60

/** How often a download is asked whether it has become complete, which is said at once. */
export const COMPLETE_POLL_MS = 2 * second

/** Presences that may be missed before their sender counts as gone. */
export const MISSED_ANNOUNCEMENTS = 3

/** After the goodbye: what is written last is lost when the connection closes while it is still being encrypted. */
export const LEAVE_LINGER_MS = 50

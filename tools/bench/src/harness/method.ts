/** The head of docs/benchmarks/README.md. */
export const METHOD = `# Benchmarks

> Written by \`npm run bench:… -- --write\` from the JSON files beside it. Edit \`tools/bench/src/harness/method.ts\`.

## How to read these figures

- **Everything runs on one machine, over loopback.** That shows what a program costs, not what a network gives: on most
  lines the network is the limit, and then every program here is fast enough. What does carry over is CPU per GiB,
  memory, and in a swarm the ratio to the fluid bound.
- **Only ratios mean anything, and only within one table.** The programs of a table ran in turn, round by round, in one
  run of one command. The same command on a shared machine differs by 20 % within minutes, and by more between machines.
- **\`[low-high]\` is every run that counts**, the figure before it their median. A run counts unless other processes
  used more than 0.35 cores meanwhile; when more than half of the runs were disturbed, all of them count. \`other cores\`
  says how much that was. Before each run the harness waits for half a second in which the machine does nothing.
- **The work is not the same everywhere.** \`p2pshare\`, \`limit\`, \`libp2p\` and \`helia\` encrypt and authenticate; aria2,
  libtorrent and WebTorrent move plaintext here, their default. \`limit\` and \`libp2p\` resume nothing, find nobody and
  know one file. BitTorrent programs check SHA-1, the others SHA-256, which is as fast on a processor with SHA
  instructions and slower without.
- **The others run as Debian and npm give them**, with discovery, uTP and port mapping turned off because they have
  nothing to find here. Somebody who knows one of them well may get more out of it.
- **Every copy is compared with its source byte by byte**, outside of the measured time.

## What is measured

- The clock of a transfer runs from the moment the receiver is about to fetch to the moment when everything is verified
  and written, as the program itself reports it. For \`limit\`, \`libp2p\` and \`helia\` the connection stands by then; for
  \`p2pshare\` and BitTorrent dialling is in it, for aria2 its start too, since it takes no orders before.
- "Written" means handed to the system. Nobody here calls fsync for content before saying that it is done.
- CPU seconds are user and system time of a process and its children, from \`/proc\`, within the measured time; memory is
  the highest resident size of the process up to the end (pages of the file that libtorrent maps count, as they do for
  the system).
- Memory that a virtual machine never touched is slow the first time: as much as the test needs is written and deleted
  twice before the first run. Some machines give free memory back to their host within two seconds; so memory for a copy
  is held before each transfer, and freed as the copy grows.
- \`received / size\` is what arrived of content and its proofs, wasted bytes included, as the program counts it; \`-\`
  where it does not.
- The **fluid bound** of a swarm is the time below which no schedule can get: all files sent at the sum of all upload
  caps, and not faster than the seeders can give out one copy. With one leecher the ratio to it is the error of the
  limiter and the time to get started, and nothing else.

## Run them

\`\`\`sh
npm run bench:peers -- --apt             # WebTorrent and Helia beside the workspace; aria2 and libtorrent from Debian
npm run bench:transfer                   # 1 GiB, one to one
npm run bench:transfer -- --size 20480 --peers p2pshare
npm run bench:swarm                      # 1, 4, 8 and 16 leechers, every upload capped
npm run bench:swarm -- --leaf 1024       # with leaves of 1 MiB
npm run bench:swarm -- --leechers 1 --seeders 1,2,4,8
npm run bench:small
npm run bench:import
npm run bench:start
npm run bench:gossip                     # 25, 50 and 100 nodes of membership, killed, stopped, joining and leaving
\`\`\`

Each takes \`--runs\`, \`--size\` (MiB), \`--peers\`, \`--json\`, \`--gate\` (exit with 1 when a goal is missed), \`--write\` and
\`--help\`. A program that is not installed is left out and named. Linux only.
`

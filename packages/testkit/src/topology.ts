/** Who is connected to whom. */
export type Topology = 'none' | 'full' | 'star' | 'ring'

/** The pairs of node numbers that `topology` connects, each once, the dialler first. */
export function linksOf(topology: Topology, nodes: number): [number, number][] {
  const indices = Array.from({ length: nodes }, (_, index) => index)
  switch (topology) {
    case 'none':
      return []
    case 'full':
      return indices.flatMap((a) => indices.slice(a + 1).map((b): [number, number] => [a, b]))
    case 'star':
      return indices.slice(1).map((spoke) => [spoke, 0])
    case 'ring':
      // two nodes are a ring of one link
      return indices.slice(0, nodes > 2 ? nodes : nodes - 1).map((a) => [a, (a + 1) % nodes])
  }
}

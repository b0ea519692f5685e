import { describe, expect, it } from 'vitest'
import type { JsonLine } from '../src/observe.ts'
import { resultOf as cliResult } from '../src/run/cli-run.ts'
import { resultOf as nodeResult } from '../src/run/node-run.ts'

const said = (...lines: JsonLine[]) => ({ startedAt: 0, lines: lines.map((line, atMs) => ({ ...line, atMs })) })
const PUNCHED = { type: 'peer.punched', peer: '12D3KooWNCi', path: 'direct', strategy: 'udp-punch', tookMs: 443 }

describe('the end of a run', () => {
  it('is direct by the punch after which nothing else was told', () => {
    const relayed = { type: 'transfer.progress', path: 'relay' }
    expect(cliResult(said(relayed, PUNCHED))).toMatchObject({ path: 'direct', way: 'udp-punch', directMs: 443 })
    const { path: _, ...punched } = PUNCHED
    const lines = said({ type: 'peer.met', began: 'relay' }, { type: 'peer.path', path: 'direct' }, punched)
    expect(nodeResult(lines)).toMatchObject({ path: 'direct', way: 'udp-punch', directMs: 443 })
  })

  it('is the relay where a punched connection was lost again', () => {
    const progress = { type: 'transfer.progress', path: 'relay' }
    expect(cliResult(said(PUNCHED, progress))).toMatchObject({ path: 'relay' })
    expect(cliResult(said(PUNCHED, progress))).not.toHaveProperty('way')
    const { path: _, ...punched } = PUNCHED
    const lines = said({ type: 'peer.met', began: 'relay' }, punched, { type: 'peer.path', path: 'relay' })
    expect(nodeResult(lines)).toMatchObject({ path: 'relay' })
    expect(nodeResult(lines)).not.toHaveProperty('way')
  })
})

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { median, percentile } from '../harness/stats.ts'
import type { Prediction } from './figures.ts'
import type { GossipRun, GossipRunInit } from './run.ts'

const SIMULATION = fileURLToPath(new URL('../../../sim/src/gossip.ts', import.meta.url))

/** What the simulation is told of the machine, in milliseconds. Nothing of any event. */
export interface Delays {
  /** Of a message, without what it costs its two processes. */
  readonly oneWayMs: number
  /** CPU of sending or of receiving a message. */
  readonly messageMs: number
  /** CPU of opening a link, at each end. */
  readonly linkMs: number
}

/** Through a socket of the same machine. */
const LEAST_ONE_WAY_MS = 0.1

/** Two messages, each sent and received. */
const COSTS_A_ROUND_TRIP = 4

/**
 * Delays as the nodes measured them while nothing happened, and as newcomers dialled. On loopback a dial is nothing but the
 * work of its two ends.
 */
export function delaysOf({ quiet, dialsMs }: Pick<GossipRun, 'quiet' | 'dialsMs'>): Delays {
  const messageMs = (quiet.cpuPercent * 10) / quiet.messagesPerSecond
  // the fastest: what others take more is waiting for a core, which the simulation adds itself
  const least = percentile(quiet.rttMs, 10)
  return {
    oneWayMs: Math.max(LEAST_ONE_WAY_MS, (least - COSTS_A_ROUND_TRIP * messageMs) / 2),
    messageMs,
    linkMs: median(dialsMs) / 2
  }
}

/** What the shipped machine does in virtual time with such delays. */
export function predict(
  { members, perProcess, profile }: Pick<GossipRunInit, 'members' | 'perProcess' | 'profile'>,
  { oneWayMs, messageMs, linkMs }: Delays
): readonly Prediction[] {
  const words = {
    sizes: members,
    profile,
    'one-way': oneWayMs.toFixed(3),
    dial: 0,
    message: messageMs.toFixed(3),
    link: linkMs.toFixed(1),
    cores: availableParallelism(),
    'per-process': perProcess
  }
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=@p2pshare/source',
      '--no-warnings',
      SIMULATION,
      '--predict',
      ...Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)])
    ],
    { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }
  )
  if (status !== 0) {
    throw new Error(`the simulation ended with ${status ?? 'a signal'}: ${stderr.slice(-2000)}`)
  }
  return predictionsIn(stdout)
}

/** What was predicted before, from a file. */
export function readPredictions(path: string): readonly Prediction[] {
  return predictionsIn(readFileSync(path, 'utf8'))
}

function predictionsIn(json: string): readonly Prediction[] {
  return (JSON.parse(json) as { readonly predictions: readonly Prediction[] }).predictions
}

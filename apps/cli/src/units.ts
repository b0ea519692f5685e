const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const

/** IEC: `0 B`, `999 B`, `1.5 KiB`, `64 MiB`. Never four digits before the unit above bytes, and never `1024`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  // what is printed decides: 1023.7 KiB would print as 1024 KiB
  while (Math.round(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value))
  return `${digits} ${UNITS[unit] ?? 'B'}`
}

/** `44 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `0:07`, `12:30`, `1:02:03`, `3 d`; `-` when there is no telling. */
export function formatEta(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) {
    return '-'
  }
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole >= 48 * 3600) {
    return `${Math.round(whole / 86400)} d`
  }
  const pad = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}

/** `0.4 s`, `12 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`
  }
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** Whole percent; 100 only when nothing is missing. */
export function percent(done: number, total: number): number {
  if (total <= 0 || done >= total) {
    return 100
  }
  return Math.min(99, Math.max(0, Math.floor((done / total) * 100)))
}

/** `1 file`, `2 files`, `1 entry`, `12,000 entries`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`
}

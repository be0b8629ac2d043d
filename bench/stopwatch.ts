/** How fast one contender was, per operation. */
export interface Timing {
  readonly name: string
  /** Contenders of one group answer the same question about the same data. */
  readonly group: string
  readonly medianNs: number
  readonly p99Ns: number
  readonly opsPerS: number
  /** Median over the median of the first of its group: above 1 is slower than that one. */
  readonly ratio: number
}

/** One way to do it. `run` does `ops` operations; what it needs is made outside. */
export interface Contender {
  readonly name: string
  readonly group?: string
  readonly ops: number
  /** Before each run, with the clock stopped. */
  readonly ready?: () => unknown
  readonly run: () => unknown
}

/**
 * Runs the contenders in turn, `samples` times over, so that what else the machine does hits all alike, after two
 * rounds that count for nothing. A sample is one `run`; p99 is over samples.
 */
export async function race(
  contenders: readonly Contender[],
  { samples, progress }: { samples: number; progress: (line: string) => void },
): Promise<Timing[]> {
  const times = contenders.map((): number[] => [])
  for (let round = -2; round < samples; round++) {
    progress(`round ${Math.max(round + 1, 0)} of ${samples}`)
    for (const [k, { ready, run, ops }] of contenders.entries()) {
      await ready?.()
      const started = process.hrtime.bigint()
      const done = run()
      if (done instanceof Promise) await done
      const ns = Number(process.hrtime.bigint() - started)
      if (round >= 0) times[k]!.push(ns / ops)
    }
  }
  return timings(contenders, times)
}

/** The table of samples that were taken elsewhere: ns per operation, one list per contender. */
export function timings(
  contenders: readonly Pick<Contender, 'name' | 'group'>[],
  times: readonly (readonly number[])[],
): Timing[] {
  const medians = times.map(list => quantile(list, 0.5))
  return contenders.map(({ name, group = '' }, k) => {
    const first = contenders.findIndex(one => (one.group ?? '') === group)
    const medianNs = medians[k]!
    return {
      name,
      group,
      medianNs: rounded(medianNs),
      p99Ns: rounded(quantile(times[k]!, 0.99)),
      opsPerS: Math.round(1e9 / medianNs),
      ratio: rounded(medianNs / medians[first]!),
    }
  })
}

/** The value below which the share `q` of a list lies: one of the list, 0 of an empty one. */
export function quantile(list: readonly number[], q: number): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

const rounded = (n: number): number => Number(n.toPrecision(4))

/** Seconds that two implementations are held together beyond the fixed seeds: `POLARIS_FUZZ_S`. */
const LONGER_S = Number(process.env['POLARIS_FUZZ_S'] ?? 0)

/** Seeds from 1: so many, then more for as long as `POLARIS_FUZZ_S` says, of which this test takes a `part`. */
export function* seeds(count: number, part = 1): Generator<number> {
  const until = performance.now() + LONGER_S * 1_000 * part
  for (let seed = 1; seed <= count || (LONGER_S > 0 && performance.now() < until); seed++)
    yield seed
}

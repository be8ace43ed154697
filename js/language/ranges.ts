/** Numbers as stretches of neighbours. */

/** "0–2, 5": three neighbours or more are joined by `to`, stretches by `comma`. */
export function rangesOf(numbers: readonly number[], to: string, comma: string): string {
  const runs: number[][] = [];
  for (const each of [...numbers].sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run?.[run.length - 1] === each - 1) run.push(each);
    else runs.push([each]);
  }
  return runs
    .map((run) => (run.length < 3 ? run.join(comma) : `${run[0]}${to}${run[run.length - 1]}`))
    .join(comma);
}

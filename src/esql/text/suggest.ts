// "Did you mean": the known names that are nearest to a mistyped one.

/** Longer names are not compared; nobody mistypes a name of that length, and each comparison costs the product. */
const LONGEST = 128;

/** Nearer names first, at most five; none that differs in more than a third of its characters. */
export function nearest(name: string, known: Iterable<string>): string[] {
  if (name.length > LONGEST) return [];
  const wanted = name.toLowerCase();
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const found: { name: string; distance: number }[] = [];
  for (const each of known) {
    if (Math.abs(each.length - wanted.length) > most) continue;
    const distance = editDistance(wanted, each.toLowerCase(), most);
    if (distance <= most) found.push({ name: each, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = found[0]?.distance;
  return found
    .filter(({ distance }) => distance === best)
    .slice(0, 5)
    .map((each) => each.name);
}

/** The end of a sentence that says what is unknown: `, did you mean [a]?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return '';
  return names.length === 1 ? `, did you mean [${names[0]}]?` : `, did you mean any of [${names.join(', ')}]?`;
}

/** Insertions, deletions, replacements and swaps of neighbours; anything above `most` is only known to be above. */
function editDistance(a: string, b: string, most: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return least;
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

// What the gateway measured, as a chart draws it: with nothing where nobody measured.

export interface Drawn {
  /** Milliseconds since the epoch. */
  at: number[];
  /** Which sample each is; none in a gap. */
  places: (number | undefined)[];
}

/** The times of the samples, and one more in the middle of each gap between them. */
export function drawn(at: readonly number[], spanMs: readonly number[]): Drawn {
  const all: Drawn = { at: [], places: [] };
  at.forEach((end, n) => {
    const span = spanMs[n] ?? 0;
    const before = at[n - 1];
    if (before !== undefined && end - span - before > span / 2) {
      all.at.push((end - span + before) / 2);
      all.places.push(undefined);
    }
    all.at.push(end);
    all.places.push(n);
  });
  return all;
}

/** A column of figures on those times. */
export function column(of: Drawn, value: (place: number) => number | null | undefined): (number | null)[] {
  return of.places.map((place) => (place === undefined ? null : (value(place) ?? null)));
}

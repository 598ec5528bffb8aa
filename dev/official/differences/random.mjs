// Random numbers that are the same for the same seed, subject and number of the case, so that one case can be asked again alone.

/** FNV-1a, for a seed out of words. */
function seeded(text) {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return hash >>> 0;
}

/** Choices of one case. */
export class Chance {
  #state;

  constructor(...words) {
    this.#state = seeded(words.join('/'));
  }

  /** From 0 to below 1 (mulberry32). */
  number() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(end) {
    return Math.floor(this.number() * end);
  }

  one(list) {
    return list[this.below(list.length)];
  }

  is(probability) {
    return this.number() < probability;
  }

  /** From `least` to `most` of a list, each as likely as the other, with repetitions. */
  some(list, least, most) {
    return Array.from({ length: least + this.below(most - least + 1) }, () => this.one(list));
  }
}

/** Seconds before each attempt (SPEC-NOTES 5); the last one repeats. */
const SECONDS = [1, 2, 4, 8, 16, 30] as const;

/** Milliseconds before attempt `attempt` (from 1), with at most a tenth less, so that a crowd does not come at once. */
export function backoff(attempt: number, random: number): number {
  const seconds = SECONDS[Math.min(Math.max(attempt, 1), SECONDS.length) - 1] ?? 30;
  return Math.round(seconds * 1000 * (1 - random * 0.1));
}

// Differences from the reference that are on purpose. Each says why, and exactly when: one that never occurs is an error, so that none stays
// longer than its reason.
export const EXPECTED = {
  origin: [],
  ip: [],
  scope: [],
  redaction: [],
  audit: [],
};

-- Named access tokens: their secrets as hashes.
CREATE TABLE access_tokens(
  id TEXT PRIMARY KEY NOT NULL,
  doc TEXT NOT NULL
) STRICT;

-- Passkeys: public keys of authenticators, with the names that their owners gave them.
CREATE TABLE passkeys(
  id TEXT PRIMARY KEY NOT NULL,
  doc TEXT NOT NULL
) STRICT;

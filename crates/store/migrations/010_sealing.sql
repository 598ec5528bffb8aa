-- How the content of each column is kept: `form` is `plain`, or the cipher and the key that it is sealed with. While it is changed,
-- `target` says to what, and rows up to `through` have it already.
CREATE TABLE sealing(
  place   TEXT    PRIMARY KEY NOT NULL,
  form    TEXT    NOT NULL,
  target  TEXT,
  through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

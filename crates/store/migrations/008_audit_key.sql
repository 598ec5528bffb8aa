-- From which record on hashes are keyed, and the proof of where the chain ends. Both are NULL until the store is first opened with a key.
ALTER TABLE audit_head ADD COLUMN keyed_from INTEGER;
ALTER TABLE audit_head ADD COLUMN seal BLOB;

ALTER TABLE run ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;
-- Whether some of the counts are estimated.
ALTER TABLE run ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0 CHECK (estimated IN (0, 1));

-- Whole answers by what was asked of whom. Programs that wrote version 1 named no content, so there is nothing to fill in.
CREATE TABLE answer (
    content_key TEXT NOT NULL,
    -- The end of the call. A later one has a larger key.
    event INTEGER NOT NULL REFERENCES event (key) ON DELETE CASCADE,
    PRIMARY KEY (content_key, event)
) STRICT, WITHOUT ROWID;

-- Removing a run looks for its answers.
CREATE INDEX answer_by_event ON answer (event);

PRAGMA application_id = 0x6d6f6153;

-- What lists and searches need. All of it but `status`, `writer` and `lost_events` could be computed from the events.
CREATE TABLE run (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    started_at_unix_ms INTEGER NOT NULL,
    preset TEXT NOT NULL,
    -- 'open' until the last event is stored. Whether an open run is running or interrupted depends on its writer.
    status TEXT NOT NULL CHECK (status IN ('open', 'finished', 'degraded', 'failed', 'cancelled', 'interrupted')),
    -- The lease of the process that writes the run.
    writer TEXT NOT NULL,
    -- Events that could not be stored.
    lost_events INTEGER NOT NULL DEFAULT 0,
    wall_ms REAL NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL,
    layer_count INTEGER NOT NULL,
    -- An array of strings.
    models TEXT NOT NULL,
    -- The long texts come last, so that the columns before them are read without them.
    prompt TEXT NOT NULL,
    answer TEXT
) STRICT;

CREATE INDEX run_by_start ON run (started_at_unix_ms, key);

CREATE TABLE event (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    -- The number of the first event in the row.
    sequence INTEGER NOT NULL,
    -- 'event': one event. 'outcome': the end of a call, also one event. 'deltas': consecutive pieces of answers.
    form TEXT NOT NULL CHECK (form IN ('event', 'outcome', 'deltas')),
    body TEXT NOT NULL,
    UNIQUE (run, sequence)
) STRICT;

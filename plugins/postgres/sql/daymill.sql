-- The evidence that daymill's postgres sink keeps beside the data, and the schema in which it builds
-- days. The sink runs this itself when it may; otherwise run it once as the owner of the database:
--
--   PGOPTIONS="-c daymill.role=etl" psql -d DATABASE -v ON_ERROR_STOP=1 -f daymill.sql
--
-- `daymill.role` names the login of the pipelines; it gets exactly the rights they need here. The
-- rights on the target table are in the plugin's README. Running it again adds what an older script
-- did not make yet, and changes nothing else.

CREATE SCHEMA IF NOT EXISTS daymill;
CREATE SCHEMA IF NOT EXISTS daymill_stage;

-- Who may write a partition: the highest epoch. Also the row that attempts lock.
CREATE TABLE IF NOT EXISTS daymill.fence (
  target    text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  pipeline  text COLLATE "C" NOT NULL,
  epoch     bigint NOT NULL CHECK (epoch > 0),
  PRIMARY KEY (target, partition)
);

-- One row for each committed load. `relation` is the day's own partition when the sink attached it.
CREATE TABLE IF NOT EXISTS daymill.load (
  target        text COLLATE "C" NOT NULL,
  partition     text COLLATE "C" NOT NULL,
  epoch         bigint NOT NULL,
  pipeline      text COLLATE "C" NOT NULL,
  run_id        text NOT NULL,
  rows_out      bigint NOT NULL,
  rejected      bigint NOT NULL,
  filtered      bigint NOT NULL,
  sums          jsonb NOT NULL,
  config_digest text NOT NULL,
  plugins       jsonb,
  relation      oid,
  committed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (target, partition, epoch)
);

-- One row for each generation of each split that is in the data.
CREATE TABLE IF NOT EXISTS daymill.receipt (
  pipeline    text COLLATE "C" NOT NULL,
  partition   text COLLATE "C" NOT NULL,
  split       text COLLATE "C" NOT NULL,
  generation  bigint NOT NULL,
  epoch       bigint NOT NULL,
  fingerprint text NOT NULL,
  rows_in     bigint NOT NULL,
  snapshot    text NOT NULL,
  removed_at  timestamptz,
  PRIMARY KEY (pipeline, partition, split, generation)
);

-- Rows that could not be used, of the newest load of each partition.
CREATE TABLE IF NOT EXISTS daymill.reject (
  pipeline   text COLLATE "C" NOT NULL,
  partition  text COLLATE "C" NOT NULL,
  split      text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  epoch      bigint NOT NULL,
  raw        bytea NOT NULL,
  reason     text NOT NULL,
  message    text NOT NULL
);
CREATE INDEX IF NOT EXISTS reject_partition ON daymill.reject (pipeline, partition);

-- What somebody decided about a day that needed a decision.
CREATE TABLE IF NOT EXISTS daymill.decision (
  target     text COLLATE "C" NOT NULL,
  pipeline   text COLLATE "C" NOT NULL,
  partition  text COLLATE "C" NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT now(),
  choice     text NOT NULL,
  decided_by text NOT NULL,
  reason     text NOT NULL,
  detail     text NOT NULL
);
CREATE INDEX IF NOT EXISTS decision_partition
  ON daymill.decision (target, pipeline, partition, decided_at);

DO $grants$
DECLARE
  login text := current_setting('daymill.role', true);
BEGIN
  IF login <> '' THEN
    EXECUTE format('GRANT USAGE ON SCHEMA daymill TO %I', login);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA daymill_stage TO %I', login);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON daymill.fence, daymill.receipt TO %I', login);
    EXECUTE format('GRANT SELECT, INSERT ON daymill.load, daymill.decision TO %I', login);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON daymill.reject TO %I', login);
  END IF;
END
$grants$;

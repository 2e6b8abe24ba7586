-- The table that the pipeline ad_ctr fills: one row per day, advertisement and search word.
--
-- Partitioned by day: a day is built beside the table and attached by one short transaction, which is much
-- faster than inserting into it and never shows a reader half a day. daymill makes the day's partition
-- (advertisement_analytics_20261122) itself; none has to be created beforehand.

CREATE TABLE advertisement_analytics (
    date        date   NOT NULL,
    ad_id       bigint NOT NULL,
    search_word text   COLLATE "C" NOT NULL,  -- "C": by bytes, the same on every machine, and fastest
    clicks      bigint NOT NULL,
    impressions bigint NOT NULL,
    ctr         double precision,             -- clicks / impressions; NULL where impressions are 0
    PRIMARY KEY (date, ad_id, search_word)
) PARTITION BY RANGE (date);

COMMENT ON TABLE  advertisement_analytics             IS 'Clicks and impressions per day, advertisement and search word';
COMMENT ON COLUMN advertisement_analytics.date        IS 'Civil day in the pipeline''s time zone';
COMMENT ON COLUMN advertisement_analytics.search_word IS 'The word through which the advertisement was shown; may be empty';
COMMENT ON COLUMN advertisement_analytics.ctr         IS 'Click-through rate: clicks / impressions, NULL where impressions are 0';

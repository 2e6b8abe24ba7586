#!/usr/bin/env bash
# shell_batch.sh YYYYMMDD: the nightly batch as a shell pipeline: redis-cli | awk | psql.
#
# Honest and correct as far as lines go: a search word may hold anything but a line break, which ends the batch with an
# error before anything is written. Every key is announced by its HLEN, so that a reading cut short is found. COMMIT is
# only typed when everything before it went well; psql that gets no COMMIT rolls back. The keys are unlinked
# afterwards. awk holds the clicks in memory, redis-cli one whole hash. Configured by REDIS_HOST, REDIS_PORT and PGHOST,
# PGPORT, PGUSER, PGPASSWORD, PGDATABASE.
set -euo pipefail
export LC_ALL=C  # bytes, whatever the script of the search words

day=$1
clicks=clicklog_keys:$day impressions=viewlog_keys:$day
redis() { redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -e --raw "$@"; }

# For each key: how many fields follow, then field and value in turn.
read_hashes() {
  redis HLEN "$clicks" && redis HGETALL "$clicks" && redis HLEN "$impressions" && redis HGETALL "$impressions"
}

# Lines of COPY. %.17g is enough digits for every double to be read back as the same one.
join_hashes() {
  awk -v date="${day:0:4}-${day:4:2}-${day:6:2}" '
    function fail(why) { print "shell_batch: " why >"/dev/stderr"; failed = 1; exit 1 }
    function row(field, clicked, shown,    colon, ad_id, word) {
      colon = index(field, ":")
      ad_id = substr(field, 1, colon - 1)
      word = substr(field, colon + 1)
      if (index(word, "\\")) gsub(/\\/, "\\\\\\\\", word)  # awk reads it twice
      if (index(word, "\t")) gsub(/\t/, "\\t", word)
      if (index(word, "\r")) gsub(/\r/, "\\r", word)
      printf "%s\t%s\t%s\t%s\t%s\t", date, ad_id, word, clicked, shown
      if (shown + 0) printf "%.17g\n", clicked / shown; else print "\\N"
    }
    left == 0 && !inside { left = $0 + 0; inside = left > 0; ++keys; want_value = 0; next }
    !want_value { if ($0 !~ /^[0-9]+:/) fail("not AD:WORD: " $0); field = $0; want_value = 1; next }
    {
      if ($0 !~ /^[0-9]+$/) fail("not a count: " $0)
      if (keys == 1) {
        clicks[field] = $0
      } else if (field in clicks) {
        row(field, clicks[field], $0)
        delete clicks[field]
      } else {
        row(field, 0, $0)
      }
      want_value = 0
      inside = --left > 0
    }
    END {
      if (failed) exit 1
      if (keys != 2 || left > 0) fail("Redis gave fewer fields than the hashes have")
      for (field in clicks) row(field, clicks[field], 0)
    }'
}

{
  printf 'BEGIN;\nDELETE FROM advertisement_analytics WHERE date = %s;\n' "to_date('$day', 'YYYYMMDD')"
  printf 'COPY advertisement_analytics (date, ad_id, search_word, clicks, impressions, ctr) FROM STDIN;\n'
  read_hashes | join_hashes && printf '%s\n' '\.' 'COMMIT;'
} | psql -X -q -v ON_ERROR_STOP=1 -f -
redis UNLINK "$clicks" "$impressions" >/dev/null

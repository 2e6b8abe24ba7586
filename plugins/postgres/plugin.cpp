// What this plugin offers.
#include "sink.hpp"
#include "source.hpp"

DAYMILL_PLUGIN("postgres", "0.1.0",
               daymill::source<daymill::postgres::PostgresSource>(
                   "postgres", daymill::postgres::PostgresSource::spec()),
               daymill::sink<daymill::postgres::PostgresSink>(
                   "postgres", daymill::postgres::settings_spec(),
                   DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_REPLACES_PARTITION | DAYMILL_SINK_FENCES |
                       DAYMILL_SINK_STORES_REJECTS));

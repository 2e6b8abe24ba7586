#include "sqlite_sink.hpp"
#include "sqlite_source.hpp"

DAYMILL_PLUGIN(
    "sqlite", "0.1.0",
    daymill::source<daymill::sqlite::SqliteSource>("sqlite", daymill::sqlite::SqliteSource::spec()),
    daymill::sink<daymill::sqlite::SqliteSink>("sqlite", daymill::sqlite::SqliteSink::spec(),
                                               DAYMILL_SINK_RECEIPTS |
                                                   DAYMILL_SINK_REPLACES_PARTITION |
                                                   DAYMILL_SINK_FENCES |
                                                   DAYMILL_SINK_STORES_REJECTS));

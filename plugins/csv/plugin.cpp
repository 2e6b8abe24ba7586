#include "csv_sink.hpp"
#include "csv_source.hpp"

DAYMILL_PLUGIN("csv", "0.1.0",
               daymill::source<daymill::csv::CsvSource>("csv", daymill::csv::CsvSource::spec()),
               daymill::sink<daymill::csv::CsvSink>("csv", daymill::csv::CsvSink::spec(),
                                                    DAYMILL_SINK_REPLACES_PARTITION));

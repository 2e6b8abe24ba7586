#include "jsonl_sink.hpp"
#include "jsonl_source.hpp"

DAYMILL_PLUGIN("jsonl", "0.1.0",
               daymill::source<daymill::jsonl::JsonlSource>("jsonl",
                                                            daymill::jsonl::JsonlSource::spec()),
               daymill::sink<daymill::jsonl::JsonlSink>("jsonl", daymill::jsonl::JsonlSink::spec(),
                                                        DAYMILL_SINK_REPLACES_PARTITION));

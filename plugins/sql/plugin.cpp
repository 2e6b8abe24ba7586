#include "aggregate.hpp"
#include "check.hpp"
#include "deduplicate.hpp"
#include "derive.hpp"
#include "filter.hpp"
#include "query.hpp"

namespace sql = daymill::sql;

DAYMILL_PLUGIN(
    "sql", "0.1.0",
    daymill::transform<sql::Filter>("filter", sql::Filter::spec(), DAYMILL_TRANSFORM_ROW_WISE),
    daymill::transform<sql::Derive>("derive", sql::Derive::spec(),
                                    DAYMILL_TRANSFORM_ROW_WISE | DAYMILL_TRANSFORM_KEEPS_SUMS),
    daymill::transform<sql::Check>("check", sql::Check::spec(), DAYMILL_TRANSFORM_KEEPS_SUMS),
    daymill::transform<sql::Aggregate>("aggregate", sql::Aggregate::spec(),
                                       DAYMILL_TRANSFORM_KEEPS_SUMS),
    daymill::transform<sql::Deduplicate>("deduplicate", sql::Deduplicate::spec()),
    daymill::transform<sql::Query>("sql", sql::Query::spec()));

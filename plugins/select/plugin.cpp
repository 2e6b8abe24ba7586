#include "select.hpp"

DAYMILL_PLUGIN("select", "0.1.0",
               daymill::transform<daymill::select::Select>("select",
                                                           daymill::select::Select::spec(),
                                                           DAYMILL_TRANSFORM_ROW_WISE |
                                                               DAYMILL_TRANSFORM_KEEPS_SUMS));

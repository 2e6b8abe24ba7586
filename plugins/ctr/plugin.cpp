#include "ctr.hpp"

DAYMILL_PLUGIN("ctr", "0.1.0",
               daymill::transform<daymill::ctr::Ctr>("ctr", daymill::ctr::Ctr::spec(),
                                                     DAYMILL_TRANSFORM_ROW_WISE |
                                                         DAYMILL_TRANSFORM_KEEPS_ROWS));

#include <daymill/plugin.hpp>

#include "text_length.hpp"

DAYMILL_PLUGIN("text_length", "1.0.0",
               daymill::transform<text_length::TextLength>("text_length",
                                                           text_length::TextLength::spec(),
                                                           DAYMILL_TRANSFORM_ROW_WISE |
                                                               DAYMILL_TRANSFORM_KEEPS_ROWS));

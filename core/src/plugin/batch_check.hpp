// Checking the batches that plugins hand over, before anything reads them.
#pragma once

#include "daymill/arrow_abi.h"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill {

enum class BatchCheck {
  structure = 1,  ///< lengths, children, buffers, first and last offset: a few comparisons a column
  data = 2,       ///< also every offset, the null count and UTF-8: reads the whole batch
};

/// `data` in debug builds, `structure` otherwise.
BatchCheck default_batch_check();

/// Does *array keep daymill's profile (arrow_abi.h) for rows of `schema`? INTERNAL, as a breach is
/// a bug of the plugin; the message names column, found and expected.
Status check_batch(const ArrowArray& array, const Schema& schema, BatchCheck depth);

}  // namespace daymill

/* The structures of the Arrow C Data Interface in which batches cross between the host and its
 * plugins.
 *
 * The layout is fixed by the Arrow project ("The Arrow C data interface", arrow.apache.org); only
 * the array structure is needed here, because daymill describes columns by daymill_field (abi.h),
 * whose `format` is the Arrow format string.
 *
 * daymill uses a restricted profile, which every batch must keep:
 *   - the top level is a struct array ("+s"): length = rows, one child per field, no nulls of its
 * own, n_buffers = 1;
 *   - every child has offset 0, no children and no dictionary; validity is bit-packed, least
 * significant bit first, 1 = valid; buffers[0] (validity) may be NULL when null_count is 0;
 * null_count is exact;
 *   - text and binary have int32 offsets (length + 1 of them), so that a column holds at most 2^31
 * - 1 bytes;
 *   - a batch is immutable once it was handed over.
 *
 * OWNERSHIP: who holds a structure whose `release` is not NULL owns it, may move it by copying its
 * bytes and marking the origin as released (release = NULL), and must call release exactly once. A
 * parent's release frees the children that were not moved out.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifdef __cplusplus
}
#endif

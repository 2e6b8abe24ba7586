// The layout of the plugin interface on 64-bit machines. A structure that changes here breaks every
// plugin that is out there: members are only ever added at the end, by a new minor version, behind
// all bytes of the structure that plugins of the version before know.
#include <gtest/gtest.h>

#include <cstddef>

#include "daymill/abi.h"

namespace daymill {
namespace {

static_assert(sizeof(daymill_error) == 48);
static_assert(sizeof(daymill_text) == 16);
static_assert(sizeof(daymill_config_entry) == 48);
static_assert(sizeof(daymill_config) == 24);
static_assert(sizeof(daymill_partition) == 48);
static_assert(sizeof(daymill_field) == 48);
static_assert(sizeof(daymill_schema) == 40);
static_assert(sizeof(daymill_text_list) == 40);
static_assert(sizeof(daymill_host) == 32);
static_assert(sizeof(daymill_rejection) == 64);
static_assert(sizeof(daymill_emitter) == 32);
static_assert(sizeof(daymill_lane_functions) == 32);
static_assert(sizeof(daymill_lane) == 16);
static_assert(sizeof(daymill_split) == 112);
static_assert(sizeof(daymill_split_list) == 40);
static_assert(offsetof(daymill_reader_functions, position) == 32);  // 1.2 ends here
static_assert(sizeof(daymill_reader_functions) == 40);
static_assert(sizeof(daymill_reader) == 16);
static_assert(offsetof(daymill_removal, kind) == 72);  // 1.0 ends here
static_assert(sizeof(daymill_removal) == 80);
static_assert(sizeof(daymill_source_functions) == 88);
static_assert(sizeof(daymill_transform_functions) == 40);
static_assert(sizeof(daymill_sum) == 24);
static_assert(offsetof(daymill_receipt, removed_at) == 88);  // 1.0 ends here
static_assert(sizeof(daymill_receipt) == 104);
static_assert(sizeof(daymill_load) == 136);
static_assert(offsetof(daymill_evidence, n_decisions) == 72);  // 1.0 ends here
static_assert(sizeof(daymill_evidence) == 88);
static_assert(sizeof(daymill_decision) == 88);
static_assert(sizeof(daymill_partition_evidence) == 32);
static_assert(sizeof(daymill_history) == 40);
static_assert(sizeof(daymill_row_change) == 56);
static_assert(sizeof(daymill_difference) == 112);
static_assert(sizeof(daymill_reject_list) == 40);
static_assert(sizeof(daymill_attempt) == 48);
static_assert(sizeof(daymill_reject_row) == 80);
static_assert(sizeof(daymill_writer_functions) == 32);
static_assert(sizeof(daymill_writer) == 16);
static_assert(offsetof(daymill_sink_functions, history) == 112);     // 1.0 ends here
static_assert(offsetof(daymill_sink_functions, check_rows) == 144);  // 1.1 ends here
static_assert(sizeof(daymill_sink_functions) == 152);
static_assert(sizeof(daymill_component) == 40);
static_assert(sizeof(daymill_plugin_info) == 64);

static_assert(offsetof(daymill_plugin_info, abi_major) == 4);
static_assert(offsetof(daymill_plugin_info, magic) == 8);
static_assert(offsetof(daymill_plugin_info, start) == sizeof(daymill_plugin_info) - 8);
static_assert(offsetof(daymill_component, functions) == sizeof(daymill_component) - 8);
static_assert(offsetof(daymill_source_functions, check) == sizeof(daymill_source_functions) - 8);
static_assert(offsetof(daymill_transform_functions, open) ==
              sizeof(daymill_transform_functions) - 8);
static_assert(offsetof(daymill_sink_functions, check_rows) == sizeof(daymill_sink_functions) - 8);
static_assert(offsetof(daymill_reader_functions, position) == sizeof(daymill_reader_functions) - 8);

TEST(AbiLayoutTest, TheMagicNumberReadsAsText) {
  const std::uint64_t magic = DAYMILL_PLUGIN_MAGIC;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(&magic), sizeof magic), "!DAYMILL");
}

}  // namespace
}  // namespace daymill

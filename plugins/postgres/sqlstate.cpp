#include "sqlstate.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace daymill::postgres {
namespace {

using Entry = std::pair<std::string_view, Code>;

// The first entry whose text begins the code wins: exact codes before their class.
constexpr std::array kMeanings = {
    Entry{"08", Code::unavailable},           // connection exceptions
    Entry{"57P01", Code::unavailable},        // admin_shutdown, also pg_terminate_backend
    Entry{"57P02", Code::unavailable},        // crash_shutdown
    Entry{"57P03", Code::unavailable},        // cannot_connect_now: starting up
    Entry{"57P05", Code::unavailable},        // idle_session_timeout
    Entry{"25P03", Code::unavailable},        // idle_in_transaction_session_timeout
    Entry{"53300", Code::unavailable},        // too_many_connections
    Entry{"53", Code::resource_exhausted},    // disk full, out of memory
    Entry{"40001", Code::conflict},           // serialization_failure
    Entry{"40P01", Code::conflict},           // deadlock_detected
    Entry{"55P03", Code::conflict},           // lock_not_available
    Entry{"55006", Code::conflict},           // object_in_use
    Entry{"57014", Code::timeout},            // query_canceled: statement_timeout
    Entry{"28", Code::unauthenticated},       // wrong user or password, pg_hba.conf
    Entry{"42501", Code::permission_denied},  // insufficient_privilege
    Entry{"42P01", Code::not_found},          // undefined_table
    Entry{"3D000", Code::not_found},          // invalid_catalog_name: no such database
    Entry{"3F000", Code::not_found},          // invalid_schema_name
    Entry{"57P04", Code::not_found},          // database_dropped
    Entry{"42703", Code::schema_mismatch},    // undefined_column
    Entry{"42804", Code::schema_mismatch},    // datatype_mismatch
    Entry{"22", Code::invalid_data},          // data exceptions
    Entry{"23", Code::invalid_data},          // integrity constraint violations
    Entry{"25006", Code::unsupported},        // read_only_sql_transaction
    Entry{"0A", Code::unsupported},           // feature_not_supported
    Entry{"XX001", Code::corrupt},            // data_corrupted
    Entry{"XX002", Code::corrupt},            // index_corrupted
};

}  // namespace

Code code_of(std::string_view sqlstate) {
  if (sqlstate.empty()) {
    return Code::unavailable;
  }
  const auto* const found = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Entry& e) {
    return sqlstate.substr(0, e.first.size()) == e.first;
  });
  return found == kMeanings.end() ? Code::internal : found->second;
}

bool ends_session(std::string_view sqlstate) {
  const std::string_view kind = sqlstate.substr(0, 2);
  return sqlstate.empty() || kind == "08" || (kind == "57" && sqlstate != "57014") ||
         sqlstate == "25P03";
}

}  // namespace daymill::postgres

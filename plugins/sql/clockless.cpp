#include "clockless.hpp"

#include <sqlite3.h>

namespace daymill::sql {
namespace {

int no_time(sqlite3_vfs* /*vfs*/, double* julian_day) {
  *julian_day = 0;
  return SQLITE_ERROR;
}
int no_time_int64(sqlite3_vfs* /*vfs*/, sqlite3_int64* milliseconds) {
  *milliseconds = 0;
  return SQLITE_ERROR;
}

const char* register_once() {
  const sqlite3_vfs* const standard = sqlite3_vfs_find(nullptr);
  if (standard == nullptr) {
    return nullptr;
  }
  static sqlite3_vfs clockless;  // SQLite keeps the address
  clockless = *standard;
  clockless.pNext = nullptr;
  clockless.zName = "daymill-clockless";
  clockless.xCurrentTime = no_time;
  clockless.xCurrentTimeInt64 = no_time_int64;
  return sqlite3_vfs_register(&clockless, /*makeDflt=*/0) == SQLITE_OK ? clockless.zName : nullptr;
}

}  // namespace

const char* clockless_vfs() {
  static const char* const kName = register_once();
  return kName;
}

}  // namespace daymill::sql

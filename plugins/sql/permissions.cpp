#include "permissions.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace daymill::sql {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view name, const char* const (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// `rows`, and SQLite's functions that give rows of a value.
constexpr const char* kTables[] = {"rows", "json_each", "json_tree"};

/// Functions that give another result another time, or that reach out of the query.
constexpr const char* kRefused[] = {"random",
                                    "randomblob",
                                    "current_date",
                                    "current_time",
                                    "current_timestamp",
                                    "changes",
                                    "total_changes",
                                    "last_insert_rowid",
                                    "load_extension",
                                    "fts3_tokenizer",
                                    "sqlite_compileoption_get",
                                    "sqlite_compileoption_used",
                                    "sqlite_log",
                                    "sqlite_offset",
                                    "sqlite_source_id",
                                    "sqlite_version"};

/// SQLite reports a table of which no column is read under the name it has in the query, WITH's
/// tables too; those of SQLite and of this plugin are known by their names.
bool is_internal(const char* table) {
  for (const std::string_view prefix : {"sqlite_", "pragma_", "daymill_", "dbstat"}) {
    if (sqlite3_strnicmp(table, prefix.data(), static_cast<int>(prefix.size())) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

Permissions::Permissions(sqlite3* handle, SqlKind kind) : handle_(handle), kind_(kind) {
  sqlite3_set_authorizer(handle_, &Permissions::authorize, this);
}

Permissions::~Permissions() {
  sqlite3_set_authorizer(handle_, nullptr, nullptr);
}

int Permissions::authorize(void* self, int action, const char* first, const char* second,
                           const char* /*database*/, const char* /*trigger*/) {
  return static_cast<Permissions*>(self)->judge(action, first == nullptr ? "" : first,
                                                second == nullptr ? "" : second);
}

int Permissions::judge(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
      return kind_ == SqlKind::expression && ++num_selects_ > 1
                 ? refuse("found a SELECT inside an expression, which sees one row only")
                 : SQLITE_OK;
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return is_one_of(first, kTables) || (*second == '\0' && !is_internal(first))
                 ? SQLITE_OK
                 : refuse("it reads the table " + std::string(first) + ", there is only rows");
    case SQLITE_FUNCTION:
      return is_one_of(second, kRefused)
                 ? refuse("it calls " + std::string(second) +
                          ", and a day must come out the same whenever it is loaded")
                 : SQLITE_OK;
    default:
      return refuse("it does more than to read rows");
  }
}

int Permissions::refuse(std::string why) {
  if (refusal_.empty()) {
    refusal_ = std::move(why);
  }
  return SQLITE_DENY;
}

}  // namespace daymill::sql

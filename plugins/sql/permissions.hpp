// What SQL in a setting may do: read `rows`, call functions that give the same result every time.
#pragma once

#include <sqlite3.h>

#include <string>

#include "database.hpp"

namespace daymill::sql {

/// While it lives, statements that are compiled on the connection are held to the rules.
class Permissions {
 public:
  Permissions(sqlite3* handle, SqlKind kind);
  ~Permissions();
  Permissions(const Permissions&) = delete;
  Permissions& operator=(const Permissions&) = delete;

  /// What was refused, for people; empty when nothing was.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second,
                       const char* database, const char* trigger);
  int judge(int action, const char* first, const char* second);
  int refuse(std::string why);

  sqlite3* handle_;
  SqlKind kind_;
  int num_selects_ = 0;
  std::string refusal_;
};

}  // namespace daymill::sql

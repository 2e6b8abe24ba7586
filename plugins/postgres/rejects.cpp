#include "rejects.hpp"

#include <algorithm>

#include "daymill/failpoint.hpp"

namespace daymill::postgres {

Result<std::vector<RejectRow>> read_rejects(Connection& connection, const Binding& binding,
                                            const std::string& partition, std::int64_t most) {
  DAYMILL_FAILPOINT("pg.rejects_read");
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(
                     "SELECT split, generation, raw, reason, message FROM daymill.reject"
                     " WHERE pipeline = $1 AND partition = $2"
                     " ORDER BY split, generation, raw, reason COLLATE \"C\", message COLLATE \"C\""
                     " LIMIT $3::bigint",
                     {binding.pipeline, partition, std::max<std::int64_t>(most, 0)}));
  std::vector<RejectRow> rejects;
  for (int i = 0; i < rows.size(); ++i) {
    rejects.push_back(RejectRow{rows.text(i, 0), rows.integer(i, 1), rows.bytes(i, 2),
                                rows.text(i, 3), rows.text(i, 4)});
  }
  return rejects;
}

}  // namespace daymill::postgres

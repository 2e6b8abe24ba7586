#include "adopt_day.hpp"

#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "evidence.hpp"

namespace daymill::postgres {

Status check_adoption(Connection& connection, const Commit& commit) {
  const Binding& binding = commit.binding;
  const std::string day = date_text(commit.attempt.partition.day);
  DAYMILL_FAILPOINT("pg.adopt_totals");
  DAYMILL_ASSIGN(const Totals totals, read_totals(connection, binding, binding.table.sql(), day));
  const std::string difference = totals.difference_to(commit.load, binding);
  if (difference.empty()) {
    return {};
  }
  return Status(Code::needs_decision,
                "the rows of " + day + " in " + binding.table.target() +
                    " are not those of the load and were not adopted: " + difference)
      .at(connection.place())
      .next("look at them: SELECT * FROM " + binding.table.sql() + " WHERE " +
            quote_name(binding.partition_column) + " = " + literal(day) +
            "; then correct them, or replace them: daymill run ... --replace-foreign");
}

Status adopt_day(Connection& connection, const Commit& commit) {
  DAYMILL_FAILPOINT("pg.adopt");
  return connection.exec("DROP TABLE " + commit.stage.sql()).status();
}

}  // namespace daymill::postgres

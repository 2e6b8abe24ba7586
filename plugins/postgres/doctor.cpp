#include "doctor.hpp"

#include "catalogue.hpp"
#include "daymill/clock_skew.hpp"
#include "evidence_schema.hpp"

namespace daymill::postgres {
namespace {

constexpr int kOldestVersion = 130000;

}  // namespace

Status check_server(Connection& connection) {
  if (connection.server_version() < kOldestVersion) {
    return Status(Code::unsupported, "the server is PostgreSQL " +
                                         std::to_string(connection.server_version() / 10000) +
                                         ", expected 13 or newer")
        .at(connection.place());
  }
  DAYMILL_ASSIGN(const Rows rows, connection.exec("SELECT pg_is_in_recovery(),"
                                                  " current_setting('server_encoding')"));
  if (rows.boolean(0, 0)) {
    return Status(Code::unsupported, "the server is a standby, expected the primary")
        .at(connection.place())
        .next("let \"host\" name the primary");
  }
  if (rows.text(0, 1) != "UTF8") {
    return Status(Code::unsupported,
                  "the database is encoded in " + rows.text(0, 1) + ", expected UTF8")
        .at(connection.place())
        .next("create a database WITH ENCODING 'UTF8' TEMPLATE template0");
  }
  return {};
}

Result<std::string> target_identity(Connection& connection, const TableName& table) {
  DAYMILL_ASSIGN(const TableName name, resolve_target(connection, table));
  const auto rows = connection.exec("SELECT system_identifier FROM pg_control_system()");
  if (rows.status().code() == Code::permission_denied) {
    return Status(Code::permission_denied,
                  "the login may not ask which cluster this is, and without that a pipeline could "
                  "remove data against the wrong database")
        .at(connection.place())
        .next("GRANT EXECUTE ON FUNCTION pg_control_system() TO " +
              quote_name(connection.settings().user));
  }
  DAYMILL_TRY(rows);
  DAYMILL_ASSIGN(const Rows database, connection.exec("SELECT current_database()"));
  return "postgres:" + rows.value().text(0, 0) + "/" + database.text(0, 0) + "/" +
         target_name(name.schema, name.name);
}

Result<std::vector<std::string>> describe_server(Connection& connection, const Settings& settings) {
  std::vector<std::string> lines;
  const auto add = [&](const Status& status, const std::string& fine) {
    lines.push_back(status.ok() ? fine : "error: " + status.to_string());
    if (!status.next().empty()) {
      lines.back() += "\n  next: " + status.next();
    }
  };
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT current_setting('server_version'), current_user,"
                                 " current_setting('fsync'), current_setting('synchronous_commit'),"
                                 " current_setting('full_page_writes'),"
                                 " extract(epoch FROM clock_timestamp())::bigint"));
  lines.push_back("reached " + connection.place() + " as " + rows.text(0, 1) + ", PostgreSQL " +
                  rows.text(0, 0));
  add(check_server(connection), "it is a primary, encoded in UTF-8");
  if (std::string warning = clock_skew_warning(rows.integer(0, 5)); !warning.empty()) {
    lines.push_back(std::move(warning));
  }
  if (rows.text(0, 2) != "on" || rows.text(0, 4) != "on") {
    lines.emplace_back(
        "warning: fsync or full_page_writes is off: a crash of the machine can lose or damage what "
        "was committed, and the source may be emptied by then");
  }
  if (rows.text(0, 3) == "off") {
    lines.emplace_back(
        "warning: synchronous_commit is off; the sink switches it on for its own transactions");
  }
  const auto schema = ensure_evidence_schema(connection);
  add(schema.status(), "schemas daymill and daymill_stage may be used");
  if (schema.ok() && !schema->why_undecidable.empty()) {
    lines.push_back("warning: what people decide about a day cannot be kept: " +
                    schema->why_undecidable + "; let the owner of the database run daymill.sql");
  }
  const auto table = find_target(connection, settings);
  if (!table.ok() && table.status().code() == Code::not_found && settings.create) {
    lines.push_back("table " + settings.table_text + " will be created");
    return lines;
  }
  add(table.status(), "the target is there");
  if (table.ok() && table->why_not_attached.empty()) {
    lines.push_back("days are attached to " + table->target() + " as partitions");
  } else if (table.ok()) {
    lines.push_back("warning: days are loaded into " + table->target() +
                    " by DELETE and INSERT, which is several times slower than attaching a "
                    "partition, because " +
                    table->why_not_attached);
  }
  return lines;
}

}  // namespace daymill::postgres

#include "evidence_schema.hpp"

#include "daymill/failpoint.hpp"
#include "evidence_schema_sql.hpp"

namespace daymill::postgres {
namespace {

// Looks in the catalogue, not by name: that needs no right on the schemas.
constexpr const char* kMissing = R"sql(
SELECT string_agg(missing, ', ') FROM (
  SELECT 'schema ' || s AS missing
  FROM unnest(ARRAY['daymill', 'daymill_stage']) s
  WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = s)
  UNION ALL
  SELECT 'table daymill.' || t
  FROM unnest(ARRAY['fence', 'load', 'receipt', 'reject']) t
  WHERE NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'daymill' AND c.relname = t)) AS things)sql";

constexpr const char* kDenied = R"sql(
SELECT string_agg(denied, ', ') FROM (
  SELECT r.privilege || ' on schema ' || r.name AS denied
  FROM (VALUES ('daymill', 'USAGE'), ('daymill_stage', 'USAGE'), ('daymill_stage', 'CREATE'))
       AS r(name, privilege)
  JOIN pg_namespace n ON n.nspname = r.name
  WHERE NOT has_schema_privilege(n.oid, r.privilege)
  UNION ALL
  SELECT r.privilege || ' on daymill.' || r.name
  FROM (VALUES ('fence', 'SELECT'), ('fence', 'INSERT'), ('fence', 'UPDATE'),
               ('load', 'SELECT'), ('load', 'INSERT'),
               ('receipt', 'SELECT'), ('receipt', 'INSERT'), ('receipt', 'UPDATE'),
               ('reject', 'SELECT'), ('reject', 'INSERT'), ('reject', 'DELETE'))
       AS r(name, privilege)
  JOIN pg_namespace n ON n.nspname = 'daymill'
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = r.name
  WHERE NOT has_table_privilege(c.oid, r.privilege)) AS rights)sql";

Status refused(Connection& connection, const std::string& reason) {
  return Status(Code::permission_denied, reason)
      .at(connection.place())
      .next(
          "run this once as the owner of the database (it is plugins/postgres/sql/daymill.sql):\n"
          "SET daymill.role = " +
          literal(connection.settings().user) + ";\n" + kEvidenceSchemaSql);
}

Status create(Connection& connection) {
  DAYMILL_FAILPOINT("pg.schema_create");
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // One process at a time; the lock goes with the transaction.
  DAYMILL_TRY(connection.exec("SELECT pg_advisory_xact_lock(hashtext('daymill schema'))"));
  DAYMILL_TRY(connection.script(kEvidenceSchemaSql));
  return transaction.commit();
}

}  // namespace

Status ensure_evidence_schema(Connection& connection) {
  DAYMILL_ASSIGN(const Rows missing, connection.exec(kMissing));
  if (!missing.is_null(0, 0)) {
    const Status created = create(connection);
    if (created.code() == Code::permission_denied) {
      return refused(connection, "the database lacks " + missing.text(0, 0) + ", and the login " +
                                     connection.settings().user +
                                     " may not create it: " + created.message());
    }
    DAYMILL_TRY(created);
  }
  DAYMILL_ASSIGN(const Rows denied, connection.exec(kDenied));
  if (!denied.is_null(0, 0)) {
    return refused(connection, "the login " + connection.settings().user + " has no right " +
                                   denied.text(0, 0));
  }
  return {};
}

}  // namespace daymill::postgres

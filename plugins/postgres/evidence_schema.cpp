#include "evidence_schema.hpp"

#include "daymill/failpoint.hpp"
#include "evidence_schema_sql.hpp"
#include "identifier.hpp"

namespace daymill::postgres {
namespace {

// Looks in the catalogue, not by name: that needs no right on the schemas. What is missing, what is
// denied, and of daymill.decision, which a run can do without: is it there, may the login read and
// write it, and may it run the script again?
constexpr const char* kState = R"sql(
SELECT (
  SELECT string_agg(missing, ', ') FROM (
    SELECT 'schema ' || s AS missing
    FROM unnest(ARRAY['daymill', 'daymill_stage']) s
    WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = s)
    UNION ALL
    SELECT 'table daymill.' || t
    FROM unnest(ARRAY['fence', 'load', 'receipt', 'reject']) t
    WHERE NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE n.nspname = 'daymill' AND c.relname = t)) AS things
), (
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
    WHERE NOT has_table_privilege(c.oid, r.privilege)) AS rights
), decision.oid IS NOT NULL,
   coalesce(has_table_privilege(decision.oid, 'SELECT'), false),
   coalesce(has_table_privilege(decision.oid, 'INSERT'), false),
   coalesce(pg_has_role(evidence.nspowner, 'USAGE'), false)
     AND has_database_privilege(current_database(), 'CREATE')
FROM (VALUES (1)) AS here
LEFT JOIN pg_namespace evidence ON evidence.nspname = 'daymill'
LEFT JOIN pg_class decision ON decision.relnamespace = evidence.oid
                           AND decision.relname = 'decision')sql";

Status create(Connection& connection) {
  DAYMILL_FAILPOINT("pg.schema_create");
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  // One process at a time; the lock goes with the transaction.
  DAYMILL_TRY(connection.exec("SELECT pg_advisory_xact_lock(hashtext('daymill schema'))"));
  DAYMILL_TRY(connection.script(kEvidenceSchemaSql));
  return transaction.commit();
}

std::string why_undecidable(const Connection& connection, const Rows& state) {
  if (!state.boolean(0, 2)) {
    return "the database lacks table daymill.decision, which this version of daymill brings";
  }
  const std::string login = "the login " + connection.settings().user + " has no right ";
  if (!state.boolean(0, 3)) {
    return login + "SELECT on daymill.decision";
  }
  return state.boolean(0, 4) ? "" : login + "INSERT on daymill.decision";
}

}  // namespace

Status refused(const Connection& connection, const std::string& reason) {
  return Status(Code::permission_denied, reason)
      .at(connection.place())
      .next(
          "run this once as the owner of the database (it is plugins/postgres/sql/daymill.sql):\n"
          "SET daymill.role = " +
          literal(connection.settings().user) + ";\n" + kEvidenceSchemaSql);
}

Result<EvidenceSchema> read_evidence_schema(Connection& connection) {
  DAYMILL_ASSIGN(const Rows state, connection.exec(kState));
  EvidenceSchema schema;
  schema.missing = state.text(0, 0);
  schema.denied = state.text(0, 1);
  schema.decisions = state.boolean(0, 3);
  schema.why_undecidable = why_undecidable(connection, state);
  schema.may_be_extended = !state.boolean(0, 2) && state.boolean(0, 5);
  return schema;
}

Result<EvidenceSchema> ensure_evidence_schema(Connection& connection) {
  DAYMILL_ASSIGN(EvidenceSchema schema, read_evidence_schema(connection));
  if (!schema.missing.empty() || schema.may_be_extended) {
    const Status created = create(connection);
    if (created.ok()) {
      DAYMILL_ASSIGN(schema, read_evidence_schema(connection));
    } else if (created.code() == Code::permission_denied && !schema.missing.empty()) {
      return refused(connection, "the database lacks " + schema.missing + ", and the login " +
                                     connection.settings().user +
                                     " may not create it: " + created.message());
    } else if (!schema.missing.empty() || !connection.alive() ||
               created.code() == Code::cancelled) {
      return created;
    }
  }
  if (!schema.denied.empty()) {
    return refused(connection,
                   "the login " + connection.settings().user + " has no right " + schema.denied);
  }
  return schema;
}

}  // namespace daymill::postgres

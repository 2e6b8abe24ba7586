#include "moment.hpp"

#include "identifier.hpp"

namespace daymill::postgres {

Result<std::unique_ptr<Moment>> Moment::take(const ConnectionSettings& settings, Host host) {
  DAYMILL_ASSIGN(auto connection, Connection::open(settings, host));
  DAYMILL_ASSIGN(ReadingSession session, ReadingSession::begin(std::move(connection)));
  DAYMILL_ASSIGN(const Rows name,
                 session.connection->exec("SELECT pg_catalog.pg_export_snapshot()"));
  return std::unique_ptr<Moment>(new Moment(std::move(session), name.text(0, 0)));
}

Status Moment::join(Connection& connection) const {
  // The name is the server's own; the statement takes no parameter.
  const Status joined = connection.exec("SET TRANSACTION SNAPSHOT " + literal(name_)).status();
  if (joined.code() == Code::invalid_data || joined.code() == Code::internal) {
    return Status(Code::conflict,
                  "another session cannot see the same moment of the database: " + joined.message())
        .at(joined.where())
        .next("if \"host\" leads to several servers or to a pooler, name one server itself");
  }
  return joined;
}

}  // namespace daymill::postgres

#include "postgres_session.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace daymill::integration {

void PostgresSession::Closer::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

PostgresSession::PostgresSession(const std::string& conninfo)
    : connection_(PQconnectdb(conninfo.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
}

void PostgresSession::exec(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()),
                                                             &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(std::string(PQerrorMessage(connection_.get())) + "in: " + sql);
}

}  // namespace daymill::integration

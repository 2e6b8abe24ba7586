#include "query_columns.hpp"

#include <algorithm>
#include <array>

#include "daymill/value.hpp"
#include "identifier.hpp"

namespace daymill::postgres {
namespace {

struct Mapping {
  Type type;
  std::int64_t number;  // in pg_type, the same in every PostgreSQL
  Wire wire;
};

// The table in README.md.
constexpr std::array kMappings = {Mapping{Type::boolean, 16, Wire::boolean},
                                  Mapping{Type::int64, 20, Wire::int8},
                                  Mapping{Type::int64, 23, Wire::int4},
                                  Mapping{Type::int64, 21, Wire::int2},
                                  Mapping{Type::float64, 701, Wire::float8},
                                  Mapping{Type::float64, 700, Wire::float4},
                                  Mapping{Type::float64, 1700, Wire::numeric},
                                  Mapping{Type::text, 25, Wire::text},
                                  Mapping{Type::text, 1043, Wire::text},
                                  Mapping{Type::date, 1082, Wire::date},
                                  Mapping{Type::timestamp, 1184, Wire::timestamptz}};

struct Expectation {
  const char* types;
  const char* cast;  // what makes it fit, after the column's name
};

Expectation expectation_of(Type type) {
  switch (type) {
    case Type::boolean:
      return {"boolean", "::boolean"};
    case Type::int64:
      return {"bigint, integer or smallint", "::bigint"};
    case Type::float64:
      return {"double precision, real or numeric", "::double precision"};
    case Type::text:
      return {"text or character varying", "::text"};
    case Type::date:
      return {"date", "::date"};
    case Type::timestamp:
      return {"timestamp with time zone", " AT TIME ZONE 'UTC'"};
    case Type::binary:
      break;
  }
  return {"", ""};
}

// The statement of the pipeline's author is wrong, not one of this plugin's.
Status refusal(const Failure& failure) {
  const Status& status = failure.status;
  if (failure.sqlstate.substr(0, 2) != "42" || status.code() != Code::internal) {
    return status;
  }
  return Status(
             Code::invalid_config,
             "query: expected one SELECT that PostgreSQL understands, it says: " + status.message())
      .at(status.where());
}

Result<Wire> find_wire(Connection& connection, const Field& field, const Rows& given, int column) {
  for (const Mapping& mapping : kMappings) {
    if (mapping.type == field.type && mapping.number == given.column_type(column)) {
      return mapping.wire;
    }
  }
  DAYMILL_ASSIGN(const Rows type,
                 connection.exec("SELECT pg_catalog.format_type($1::oid, $2::integer)",
                                 {given.column_type(column), given.column_modifier(column)}));
  const Expectation expected = expectation_of(field.type);
  return Status(Code::schema_mismatch, "column \"" + field.name + "\" of the query is " +
                                           type.text(0, 0) + ", expected " + expected.types +
                                           ", as it is declared " + type_name(field.type))
      .at(connection.place())
      .next("cast it in the query: " + quote_name(field.name) + expected.cast + " AS " +
            quote_name(field.name) + ", or declare it otherwise");
}

}  // namespace

Result<QueryColumns> describe_query(Connection& connection, const QueryText& query,
                                    const Schema& typed) {
  Failure failure;
  // In a FROM only what reads is possible.
  const auto described =
      connection.describe("SELECT * FROM (\n" + query.sql() + "\n) AS daymill_query", &failure);
  if (!described.ok()) {
    return refusal(failure);
  }
  const Rows& given = described.value();
  QueryColumns columns;
  std::vector<int> found(typed.size(), -1);
  std::string names;
  for (int i = 0; i < given.columns(); ++i) {
    const std::string name = given.column_name(i);
    names += (i == 0 ? "" : ", ") + printable(name);
    const auto column = typed.index_of(name);
    if (!column) {
      columns.not_declared.push_back(name);
    } else if (found[*column] >= 0) {
      return Status(Code::invalid_config, "query: it gives the column \"" + name + "\" twice")
          .at(connection.place());
    } else {
      found[*column] = i;
    }
  }
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (found[i] < 0) {
      return Status(Code::schema_mismatch, "the query does not give the declared column \"" +
                                               typed.fields[i].name + "\", it gives " + names)
          .at(connection.place());
    }
    DAYMILL_ASSIGN(const Wire wire, find_wire(connection, typed.fields[i], given, found[i]));
    columns.wires.push_back(wire);
  }
  return columns;
}

}  // namespace daymill::postgres

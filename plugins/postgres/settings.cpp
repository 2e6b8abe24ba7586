#include "settings.hpp"

#include <algorithm>
#include <utility>

namespace daymill::postgres {

ConfigSpec settings_spec() {
  return add_connection(
             ConfigSpec(
                 "Loads each day into a table of PostgreSQL, in one transaction with its receipts"),
             "Longest time of one statement, but not of the COPY itself; 0: no limit")
      .add(text_field("table",
                      "Target: table or schema.table, as written; a part with a dot in double "
                      "quotes")
               .required()
               .example("\"advertisement_analytics\""))
      .add(text_field("partition_column",
                      "Column of type date that the sink fills with the partition's date")
               .defaults_to("date"))
      .add(text_list_field("key",
                           "Columns that no two rows of the target share, in the order of the "
                           "primary key that \"create\" makes")
               .example("[\"date\", \"ad_id\", \"search_word\"]"))
      .add(boolean_field("create",
                         "Create the table when it is missing, partitioned by partition_column")
               .defaults_to(false)
               .operational());
}

Result<Settings> read_settings(const Config& config) {
  DAYMILL_ASSIGN(ConnectionSettings connection, read_connection(config));
  Settings s;
  static_cast<ConnectionSettings&>(s) = std::move(connection);
  s.table_text = config.text("table");
  s.subject = "table " + s.table_text;
  DAYMILL_ASSIGN(s.table, parse_table_name(s.table_text));
  s.partition_column = config.text("partition_column");
  s.key = config.list("key");
  s.create = config.boolean("create");
  for (std::size_t i = 0; i < s.key.size(); ++i) {
    if (std::count(s.key.begin(), s.key.end(), s.key[i]) > 1) {
      return Status(Code::invalid_config, "key names column " + s.key[i] + " twice");
    }
  }
  if (s.create && std::find(s.key.begin(), s.key.end(), s.partition_column) == s.key.end()) {
    return Status(Code::invalid_config,
                  "\"create\" needs a \"key\" that contains the partition column " +
                      s.partition_column + ": PostgreSQL asks that of a partitioned table");
  }
  return s;
}

}  // namespace daymill::postgres

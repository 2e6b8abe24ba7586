#include "identifier.hpp"

#include <algorithm>

namespace daymill::postgres {
namespace {

// FNV-1a, 64 bits: these names have to be the same in every build and on every machine.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325u) {
  for (const char c : text) {
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return seed;
}

std::string hex(std::uint64_t value, std::size_t digits) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 4) {
    text[i] = kHex[value & 15];
  }
  return text;
}

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out.append(c == quote ? 2 : 1, c);
  }
  return out + quote;
}

bool is_plain(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// One part of a table name from the front of `rest`, which then begins with '.' or is empty.
Result<std::string> take_part(std::string_view& rest, std::string_view whole) {
  std::string part;
  if (rest.substr(0, 1) != "\"") {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    part = rest.substr(0, dot);
    rest.remove_prefix(dot);
  } else {
    std::size_t i = 1;
    while (i < rest.size() && (rest[i] != '"' || rest.substr(i, 2) == "\"\"")) {
      i += rest[i] == '"' ? 1 : 0;
      part += rest[i++];
    }
    if (i == rest.size()) {
      return Status(Code::invalid_config,
                    "the double quote in table name " + std::string(whole) + " is not closed");
    }
    rest.remove_prefix(i + 1);
  }
  if (part.empty() || part.size() > kMaxNameBytes || part.find('\0') != std::string::npos) {
    return Status(Code::invalid_config, "cannot use table name " + std::string(whole) +
                                            ", expected table or schema.table, each of 1 to 63 "
                                            "bytes");
  }
  return part;
}

}  // namespace

std::string quote_name(std::string_view name) {
  return in_quotes(name, '"');
}

std::string quote_name(std::string_view schema, std::string_view name) {
  return quote_name(schema) + "." + quote_name(name);
}

std::string literal(std::string_view text) {
  return in_quotes(text, '\'');
}

Result<TableName> parse_table_name(std::string_view text) {
  std::string_view rest = text;
  DAYMILL_ASSIGN(std::string first, take_part(rest, text));
  if (rest.empty()) {
    return TableName{"", std::move(first)};
  }
  if (rest[0] == '.') {
    rest.remove_prefix(1);
    DAYMILL_ASSIGN(std::string second, take_part(rest, text));
    if (rest.empty()) {
      return TableName{std::move(first), std::move(second)};
    }
  }
  return Status(Code::invalid_config, "cannot read table name " + std::string(text) +
                                          ", expected table or schema.table; put a part that "
                                          "holds a dot in double quotes");
}

std::string target_name(std::string_view schema, std::string_view table) {
  const auto part = [](std::string_view name) {
    return is_plain(name) ? std::string(name) : quote_name(name);
  };
  return part(schema) + "." + part(table);
}

std::string stage_prefix(std::string_view target, std::string_view partition) {
  const std::uint64_t seed = hash_of(target);
  return "stage_" + hex(hash_of(partition, hash_of(std::string_view("\0", 1), seed)), 16) + "_";
}

std::string name_with_suffix(std::string_view table, std::string_view suffix) {
  std::string name = std::string(table) + "_" + std::string(suffix);
  if (name.size() <= kMaxNameBytes) {
    return name;
  }
  const std::string tail = "_" + hex(hash_of(table) >> 32, 8) + "_" + std::string(suffix);
  std::size_t keep = kMaxNameBytes - tail.size();
  while (keep > 0 && (static_cast<unsigned char>(table[keep]) & 0xC0u) == 0x80u) {
    --keep;  // not within a character
  }
  return std::string(table.substr(0, keep)) + tail;
}

}  // namespace daymill::postgres

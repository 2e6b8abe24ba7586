#include "json_line.hpp"

#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <daymill/value.hpp>

#include "json_text.hpp"

namespace daymill::jsonl {

using Json = nlohmann::json;
using Kind = JsonValue::Kind;

/// Takes the members of the outermost object; what lies deeper is passed over.
class JsonLine::Events final : public Json::json_sax_t {
 public:
  explicit Events(JsonLine& line) : line_(line) {}

  bool null() override {
    return take([](JsonValue& value) { value.kind = Kind::null; });
  }
  bool boolean(bool flag) override {
    return take([&](JsonValue& value) {
      value.kind = Kind::boolean;
      value.boolean = flag;
      value.text = flag ? "true" : "false";
    });
  }
  bool number_integer(number_integer_t number) override {
    return take([&](JsonValue& value) {
      value.kind = Kind::integer;
      value.integer = number;
      value.number = static_cast<double>(number);
      value.text = std::to_string(number);
    });
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (number <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<number_integer_t>(number));
    }
    return number_float(static_cast<number_float_t>(number), std::to_string(number));
  }
  bool number_float(number_float_t number, const string_t& written) override {
    return take([&](JsonValue& value) {
      value.kind = Kind::number;
      value.number = number;
      value.text = written;
    });
  }
  bool string(string_t& text) override {
    return take([&](JsonValue& value) {
      value.kind = Kind::text;
      value.text.swap(text);
    });
  }
  bool binary(binary_t& /*bytes*/) override { return false; }  // never in JSON text
  bool start_object(std::size_t /*size*/) override { return open("an object"); }
  bool start_array(std::size_t /*size*/) override { return open("an array"); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ != 1) {
      return true;
    }
    column_ = line_.columns_.index_of(name);
    if (column_ && line_.values_[*column_].kind != Kind::absent) {
      return refuse("json.repeated_name", "the name \"" + name + "\" occurs twice");
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return refuse("json.malformed", "not JSON from byte " + std::to_string(position) + " on");
  }

 private:
  template <typename Set>
  bool take(Set set) {
    if (depth_ == 0) {
      return refuse("json.not_object", "expected one JSON object");
    }
    if (depth_ == 1 && column_) {
      set(line_.values_[*column_]);
    }
    return true;
  }
  bool open(const char* what) {
    if (depth_ == 0 && what != std::string_view("an object")) {
      return refuse("json.not_object", std::string("found ") + what + ", expected one JSON object");
    }
    if (depth_ != 0) {
      take([&](JsonValue& value) {
        value.kind = Kind::other;
        value.text = what;
      });
    }
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  bool refuse(const char* reason, std::string message) {
    line_.reason_ = reason;
    line_.message_ = std::move(message);
    return false;
  }

  JsonLine& line_;
  int depth_ = 0;
  std::optional<std::size_t> column_;
};

JsonLine::JsonLine(Schema columns)
    : columns_(std::move(columns)),
      keys_(columns_.with_role(Role::key)),
      values_(columns_.size()) {}

bool JsonLine::parse(std::string_view line) {
  for (JsonValue& value : values_) {
    value.kind = Kind::absent;
  }
  reason_.clear();
  message_.clear();
  if (!is_utf8(line)) {
    reason_ = "text.not_utf8";
    message_ = "the line is not UTF-8";
    return false;
  }
  Events events(*this);
  return Json::sax_parse(line.begin(), line.end(), &events);
}

bool JsonLine::fits(std::size_t column) const {
  const Kind kind = values_[column].kind;
  switch (columns_.fields[column].type) {
    case Type::boolean:
      return kind == Kind::boolean;
    case Type::int64:
      return kind == Kind::integer;
    case Type::float64:
      return kind == Kind::integer || kind == Kind::number;
    case Type::text:
    case Type::date:
    case Type::timestamp:
      return kind == Kind::text;
    case Type::binary:
      break;
  }
  return false;
}

std::string JsonLine::canonical_key() const {
  std::string key = "[";
  for (const std::size_t column : keys_) {
    if (!fits(column)) {
      return {};
    }
    key += key.size() == 1 ? "" : ",";
    const JsonValue& value = values_[column];
    if (value.kind == Kind::text) {
      append_json_text(key, value.text);
    } else {
      key += value.text;
    }
  }
  return key + "]";
}

}  // namespace daymill::jsonl

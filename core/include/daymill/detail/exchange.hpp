// Conversions between the C structures of abi.h and the C++ classes, for both sides of the edge:
// the plugin's thunks and the host's proxies. Part of <daymill/plugin.hpp>: include that.
//
//   to_c(x)          a view: valid as long as x, and as the returned object when that is a class
//   own(x, out)      fills *out, a list with a release callback that owns a copy of x
//   from_c(...)      a C++ value that owns everything
//   Received<S>      an out structure, released when it goes out of scope
//
// Structures that grow are read through known_part(), so that what an older side does not know is
// 0, and arrays of them step by the writer's struct_size. This file: texts, errors, settings,
// partitions, schemas, batches and rejections. exchange_source.hpp and exchange_sink.hpp: the rest.
#pragma once

namespace daymill::detail {

// ---- Structures that grow

/// A copy of what both sides know of *from; the rest is 0.
template <typename Struct>
Struct known_part(const Struct* from) {
  Struct known{};
  if (from != nullptr) {
    std::memcpy(&known, from,
                from->struct_size < sizeof(Struct) ? from->struct_size : sizeof(Struct));
  }
  return known;
}

/// Element `index` of an array whose writer may know a shorter or longer structure.
template <typename Struct>
Struct known_element(const Struct* first, std::size_t index) {
  const std::size_t stride = first->struct_size == 0 ? sizeof(Struct) : first->struct_size;
  return known_part(
      reinterpret_cast<const Struct*>(reinterpret_cast<const char*>(first) + index * stride));
}

template <typename Struct>
Struct empty_struct() {
  Struct empty{};
  empty.struct_size = sizeof(Struct);
  return empty;
}

/// An out structure with a release callback: filled by the callee, released here.
template <typename Struct>
class Received {
 public:
  Received() = default;
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;
  ~Received() {
    if (content_.release != nullptr) {
      content_.release(&content_);
    }
  }
  Struct* out() { return &content_; }
  const Struct* operator->() const { return &content_; }
  const Struct* get() const { return &content_; }

 private:
  Struct content_ = empty_struct<Struct>();
};

template <typename Struct, typename Content>
void release_content(Struct* list) {
  delete static_cast<Content*>(list->private_data);
  list->private_data = nullptr;
  list->release = nullptr;
}

/// Hands `content` over to *list, which frees it in release.
template <typename Struct, typename Content>
void give(std::unique_ptr<Content> content, Struct* list) {
  list->private_data = content.release();
  list->release = release_content<Struct, Content>;
}

// ---- Text

inline daymill_text to_c(std::string_view text) {
  return daymill_text{text.data(), text.size()};
}
inline std::string_view view_of(daymill_text text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline std::string from_c(daymill_text text) {
  return std::string(view_of(text));
}

// ---- Errors

struct ErrorTexts {
  std::string message;
  std::string where;
  std::string next;
};

/// An error without memory of its own; `message` is a literal. Never throws.
inline daymill_code plain_error(daymill_code code, const char* message, daymill_error* error) {
  if (error != nullptr) {
    *error = empty_struct<daymill_error>();
    error->code = code;
    error->message = message;
  }
  return code;
}

/// Fills *error unless `status` is OK. Never throws.
inline daymill_code to_c(const Status& status, daymill_error* error) {
  if (status.ok()) {
    return DAYMILL_OK;
  }
  // An error that calls itself OK would be taken for success by the other side.
  const auto code = status.code() == Code::ok ? daymill_code{DAYMILL_INTERNAL}
                                              : static_cast<daymill_code>(status.code());
  if (error == nullptr) {
    return code;
  }
  try {
    auto texts =
        std::make_unique<ErrorTexts>(ErrorTexts{status.message(), status.where(), status.next()});
    *error = empty_struct<daymill_error>();
    error->code = code;
    error->message = texts->message.c_str();
    error->where = texts->where.empty() ? nullptr : texts->where.c_str();
    error->next = texts->next.empty() ? nullptr : texts->next.c_str();
    give(std::move(texts), error);
    return code;
  } catch (...) {
    return plain_error(code, "no memory left for the error's text", error);
  }
}

inline Code code_from_c(daymill_code code) {
  return code >= DAYMILL_OK && code <= DAYMILL_INTERNAL ? static_cast<Code>(code) : Code::internal;
}

/// The Status of a call that returned `code` and may have filled `error`.
inline Status from_c(daymill_code code, const Received<daymill_error>& error) {
  if (code == DAYMILL_OK) {
    return {};
  }
  std::string message =
      error->message == nullptr ? std::string("failed without a message") : error->message;
  if (code_from_c(code) == Code::internal && code != DAYMILL_INTERNAL) {
    message += " (unknown error code " + std::to_string(code) + ")";
  }
  Status status(code_from_c(code), std::move(message));
  if (error->where != nullptr && *error->where != '\0') {
    status = std::move(status).at(error->where);
  }
  if (error->next != nullptr && *error->next != '\0') {
    status = std::move(status).next(error->next);
  }
  return status;
}

// ---- Settings

/// `entries` as a daymill_config; a view.
class ConfigView {
 public:
  explicit ConfigView(const std::vector<Config::Entry>& entries) {
    entries_.reserve(entries.size());
    for (const Config::Entry& entry : entries) {
      entries_.push_back({to_c(entry.name), to_c(entry.item), to_c(entry.value)});
    }
    view_.n_entries = entries_.size();
    view_.entries = entries_.data();
  }
  ConfigView(const ConfigView&) = delete;
  ConfigView& operator=(const ConfigView&) = delete;
  [[nodiscard]] const daymill_config* get() const { return &view_; }

 private:
  std::vector<daymill_config_entry> entries_;
  daymill_config view_ = empty_struct<daymill_config>();
};

inline Config from_c(const daymill_config* config) {
  const daymill_config known = known_part(config);
  std::vector<Config::Entry> entries;
  entries.reserve(known.n_entries);
  for (std::size_t i = 0; i < known.n_entries; ++i) {
    const daymill_config_entry& entry = known.entries[i];
    entries.push_back({from_c(entry.name), from_c(entry.item), from_c(entry.value)});
  }
  return Config(std::move(entries));
}

// ---- Partitions

inline daymill_partition to_c(const Partition& partition) {
  auto view = empty_struct<daymill_partition>();
  view.label = to_c(partition.label);
  view.day = partition.day;
  view.start_us = partition.start_us;
  view.end_us = partition.end_us;
  return view;
}

inline Partition from_c(const daymill_partition* partition) {
  const daymill_partition known = known_part(partition);
  return Partition{from_c(known.label), known.day, known.start_us, known.end_us};
}

// ---- Schemas

inline std::vector<daymill_field> fields_to_c(const Schema& schema) {
  std::vector<daymill_field> fields;
  fields.reserve(schema.size());
  for (const Field& field : schema.fields) {
    auto view = empty_struct<daymill_field>();
    view.name = to_c(field.name);
    view.format = to_c(std::string_view(arrow_format(field.type)));
    view.role = static_cast<std::int32_t>(field.role);
    view.nullable = field.nullable ? 1 : 0;
    fields.push_back(view);
  }
  return fields;
}

/// `schema` as a daymill_schema; a view.
class SchemaView {
 public:
  explicit SchemaView(const Schema& schema) : fields_(fields_to_c(schema)) {
    view_.n_fields = fields_.size();
    view_.fields = fields_.data();
  }
  SchemaView(const SchemaView&) = delete;
  SchemaView& operator=(const SchemaView&) = delete;
  [[nodiscard]] const daymill_schema* get() const { return &view_; }

 private:
  std::vector<daymill_field> fields_;
  daymill_schema view_ = empty_struct<daymill_schema>();
};

inline void own(Schema schema, daymill_schema* out) {
  struct Content {
    Schema schema;
    std::vector<daymill_field> fields;
  };
  auto content = std::make_unique<Content>();
  content->schema = std::move(schema);
  content->fields = fields_to_c(content->schema);
  *out = empty_struct<daymill_schema>();
  out->n_fields = content->fields.size();
  out->fields = content->fields.data();
  give(std::move(content), out);
}

/// SCHEMA_MISMATCH when a format or a role is not one of daymill's.
inline Result<Schema> from_c(const daymill_schema* schema) {
  const daymill_schema known = known_part(schema);
  Schema result;
  result.fields.reserve(known.n_fields);
  for (std::size_t i = 0; i < known.n_fields; ++i) {
    const daymill_field field = known_element(known.fields, i);
    const std::optional<Type> type = type_from_arrow_format(view_of(field.format));
    if (!type) {
      return Status(Code::schema_mismatch, "column " + from_c(field.name) +
                                               " has the unknown format \"" +
                                               printable(view_of(field.format)) +
                                               "\", expected b, l, g, u, z, tdD or tsu:UTC");
    }
    if (field.role < DAYMILL_ROLE_KEY || field.role > DAYMILL_ROLE_ATTRIBUTE) {
      return Status(Code::schema_mismatch,
                    "column " + from_c(field.name) + " has the unknown role " +
                        std::to_string(field.role) + ", expected 1 key, 2 measure or 3 attribute");
    }
    result.fields.push_back(
        Field{from_c(field.name), *type, static_cast<Role>(field.role), field.nullable != 0});
  }
  return result;
}

// ---- Text lists

inline void own(std::vector<std::string> texts, daymill_text_list* out) {
  struct Content {
    std::vector<std::string> texts;
    std::vector<daymill_text> views;
  };
  auto content = std::make_unique<Content>();
  content->texts = std::move(texts);
  content->views.reserve(content->texts.size());
  for (const std::string& text : content->texts) {
    content->views.push_back(to_c(text));
  }
  *out = empty_struct<daymill_text_list>();
  out->n_texts = content->views.size();
  out->texts = content->views.data();
  give(std::move(content), out);
}

inline std::vector<std::string> from_c(const daymill_text_list* list) {
  const daymill_text_list known = known_part(list);
  std::vector<std::string> texts;
  texts.reserve(known.n_texts);
  for (std::size_t i = 0; i < known.n_texts; ++i) {
    texts.push_back(from_c(known.texts[i]));
  }
  return texts;
}

// ---- Batches and rejections

/// Owns what *array points at until somebody takes it over by clearing its release.
class ArrayOwner {
 public:
  explicit ArrayOwner(ArrowArray* array) : array_(array) {}
  ArrayOwner(const ArrayOwner&) = delete;
  ArrayOwner& operator=(const ArrayOwner&) = delete;
  ~ArrayOwner() {
    if (array_->release != nullptr) {
      array_->release(array_);
    }
  }

 private:
  ArrowArray* array_;
};

inline daymill_rejection to_c(const Rejection& rejection) {
  auto view = empty_struct<daymill_rejection>();
  view.row = rejection.row;
  view.reason = to_c(rejection.reason);
  view.message = to_c(rejection.message);
  view.measure = rejection.measure;
  view.amount = rejection.amount;
  return view;
}

/// A view of the same texts.
inline Rejection from_c(const daymill_rejection* rejection) {
  const daymill_rejection known = known_part(rejection);
  return Rejection{known.row, view_of(known.reason), view_of(known.message), known.measure,
                   known.amount};
}

}  // namespace daymill::detail

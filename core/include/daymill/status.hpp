// Status and Result: how every function of daymill reports failure.
//
//   daymill::Result<int> parse(std::string_view text) {
//     if (text.empty()) return daymill::Status(daymill::Code::invalid_data, "empty number, expected
//     digits");
//     ...
//   }
//   DAYMILL_ASSIGN(int port, parse(text));       // returns the Status to the caller on failure
//   DAYMILL_TRY(connect(port));
//
// A Status says what failed (message: found and expected), where (host, table, key,
// file:line:column) and what to type next.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "daymill/abi.h"

namespace daymill {

/// Closed list, append-only; the same numbers as DAYMILL_* in abi.h.
enum class Code : daymill_code {
  ok = DAYMILL_OK,
  cancelled = DAYMILL_CANCELLED,            ///< somebody asked to stop; everything can be resumed
  invalid_config = DAYMILL_INVALID_CONFIG,  ///< the pipeline file or a setting is wrong
  invalid_argument = DAYMILL_INVALID_ARGUMENT,    ///< the command line is wrong
  invalid_data = DAYMILL_INVALID_DATA,            ///< what the source holds cannot be used
  schema_mismatch = DAYMILL_SCHEMA_MISMATCH,      ///< columns or types do not fit
  not_found = DAYMILL_NOT_FOUND,                  ///< a table, file, plugin or run does not exist
  unauthenticated = DAYMILL_UNAUTHENTICATED,      ///< wrong user or password
  permission_denied = DAYMILL_PERMISSION_DENIED,  ///< the user may not do this
  unavailable = DAYMILL_UNAVAILABLE,  ///< a server cannot be reached or went away; retried
  timeout = DAYMILL_TIMEOUT,          ///< a server did not answer in time; retried
  resource_exhausted =
      DAYMILL_RESOURCE_EXHAUSTED,     ///< disk full, memory budget, maxmemory, too many connections
  unsupported = DAYMILL_UNSUPPORTED,  ///< the plugin or server cannot do this
  conflict = DAYMILL_CONFLICT,        ///< lock timeout, deadlock, changed under our hands; retried
  fenced = DAYMILL_FENCED,            ///< another attempt with a higher epoch took over
  needs_decision =
      DAYMILL_NEEDS_DECISION,  ///< the evidence contradicts itself; a person must decide
  commit_unknown =
      DAYMILL_COMMIT_UNKNOWN,   ///< connection lost during COMMIT; resolved by reading the receipts
  corrupt = DAYMILL_CORRUPT,    ///< a checksum or a file's structure is wrong
  internal = DAYMILL_INTERNAL,  ///< a bug in daymill or in a plugin
};

/// Name as written in output and journals: "NEEDS_DECISION".
inline const char* code_name(Code code) {
  switch (code) {
    case Code::ok:
      return "OK";
    case Code::cancelled:
      return "CANCELLED";
    case Code::invalid_config:
      return "INVALID_CONFIG";
    case Code::invalid_argument:
      return "INVALID_ARGUMENT";
    case Code::invalid_data:
      return "INVALID_DATA";
    case Code::schema_mismatch:
      return "SCHEMA_MISMATCH";
    case Code::not_found:
      return "NOT_FOUND";
    case Code::unauthenticated:
      return "UNAUTHENTICATED";
    case Code::permission_denied:
      return "PERMISSION_DENIED";
    case Code::unavailable:
      return "UNAVAILABLE";
    case Code::timeout:
      return "TIMEOUT";
    case Code::resource_exhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::unsupported:
      return "UNSUPPORTED";
    case Code::conflict:
      return "CONFLICT";
    case Code::fenced:
      return "FENCED";
    case Code::needs_decision:
      return "NEEDS_DECISION";
    case Code::commit_unknown:
      return "COMMIT_UNKNOWN";
    case Code::corrupt:
      return "CORRUPT";
    case Code::internal:
      return "INTERNAL";
  }
  return "INTERNAL";
}

/// May the engine try the same step again by itself? (COMMIT_UNKNOWN is not retried but resolved.)
inline bool is_retryable(Code code) {
  return code == Code::unavailable || code == Code::timeout || code == Code::conflict;
}

/// Process exit code: 1 a partition failed, 2 the user's mistake, 3 the environment, 130
/// interrupted.
inline int exit_code(Code code) {
  switch (code) {
    case Code::ok:
      return 0;
    case Code::cancelled:
      return 130;
    case Code::invalid_config:
    case Code::invalid_argument:
    case Code::unsupported:
      return 2;
    case Code::unavailable:
    case Code::timeout:
    case Code::resource_exhausted:
    case Code::unauthenticated:
    case Code::permission_denied:
      return 3;
    case Code::invalid_data:
    case Code::schema_mismatch:
    case Code::not_found:
    case Code::conflict:
    case Code::fenced:
    case Code::needs_decision:
    case Code::commit_unknown:
    case Code::corrupt:
    case Code::internal:
      return 1;
  }
  return 1;
}

/// OK (one null pointer) or an error. Movable, copyable; not thread-safe to modify.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message)
      : error_(std::make_shared<Error>(Error{code, std::move(message), {}, {}})) {}

  /// Where it failed: "redis 127.0.0.1:6379 key clicklog_keys:20261122". The innermost place wins.
  Status at(std::string where) && {
    if (error_ && error_->where.empty()) {
      error_->where = std::move(where);
    }
    return std::move(*this);
  }
  /// What to type or do next. The innermost advice wins.
  Status next(std::string advice) && {
    if (error_ && error_->next.empty()) {
      error_->next = std::move(advice);
    }
    return std::move(*this);
  }

  [[nodiscard]] bool ok() const { return error_ == nullptr; }
  [[nodiscard]] Code code() const { return error_ ? error_->code : Code::ok; }
  [[nodiscard]] const std::string& message() const { return error_ ? error_->message : empty(); }
  [[nodiscard]] const std::string& where() const { return error_ ? error_->where : empty(); }
  [[nodiscard]] const std::string& next() const { return error_ ? error_->next : empty(); }

  /// One line: "UNAVAILABLE: cannot connect: connection refused (redis 127.0.0.1:6379)".
  [[nodiscard]] std::string to_string() const {
    if (ok()) {
      return "OK";
    }
    std::string text = std::string(code_name(code())) + ": " + message();
    if (!where().empty()) {
      text += " (" + where() + ")";
    }
    return text;
  }

  /// Drops an error on purpose; the reason is for the reader of the code.
  void ignore(std::string_view /*reason*/) const {}

 private:
  struct Error {
    Code code;
    std::string message;
    std::string where;
    std::string next;
  };
  static const std::string& empty() {
    static const std::string kEmpty;
    return kEmpty;
  }
  std::shared_ptr<Error> error_;
};

inline Status ok_status() {
  return Status();
}

/// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` and `return status;` are the point
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<std::decay_t<U>, Status> &&
                                                    !std::is_same_v<std::decay_t<U>, Result>>>
  Result(U&& value) : content_(std::in_place_index<1>, std::forward<U>(value)) {}
  Result(Status error) : content_(std::in_place_index<0>, std::move(error)) {
    if (std::get<0>(content_).ok()) {
      content_.template emplace<0>(
          Status(Code::internal, "Result made from an OK status without a value"));
    }
  }

  [[nodiscard]] bool ok() const { return content_.index() == 1; }
  [[nodiscard]] Status status() const { return ok() ? Status() : std::get<0>(content_); }
  [[nodiscard]] T& value() & { return std::get<1>(content_); }
  [[nodiscard]] const T& value() const& { return std::get<1>(content_); }
  [[nodiscard]] T&& value() && { return std::get<1>(std::move(content_)); }
  T* operator->() { return &std::get<1>(content_); }
  const T* operator->() const { return &std::get<1>(content_); }
  T& operator*() & { return std::get<1>(content_); }
  const T& operator*() const& { return std::get<1>(content_); }
  T&& operator*() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<Status, T> content_;
};

namespace detail {
inline Status status_of(Status status) {
  return status;
}
template <typename T>
Status status_of(const Result<T>& result) {
  return result.status();
}
}  // namespace detail
}  // namespace daymill

#define DAYMILL_CONCAT_INNER(a, b) a##b
#define DAYMILL_CONCAT(a, b) DAYMILL_CONCAT_INNER(a, b)

/// Returns the Status of `expression` (a Status or Result) to the caller unless it is OK.
#define DAYMILL_TRY(expression)                                                      \
  do {                                                                               \
    if (::daymill::Status daymill_status = ::daymill::detail::status_of(expression); \
        !daymill_status.ok()) {                                                      \
      return daymill_status;                                                         \
    }                                                                                \
  } while (false)

/// `DAYMILL_ASSIGN(auto x, expression)`: x is the value of a Result, or its Status is returned to
/// the caller.
#define DAYMILL_ASSIGN(declaration, expression) \
  DAYMILL_ASSIGN_INNER(DAYMILL_CONCAT(daymill_result_, __LINE__), declaration, expression)
#define DAYMILL_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                 \
  if (!result.ok()) {                                         \
    return result.status();                                   \
  }                                                           \
  declaration = std::move(result).value()

#include "pipeline/variables.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr std::string_view kFilePrefix = "file:";

bool is_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9'))
    return false;
  return name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string_view::npos;
}

class Expander {
 public:
  Expander(std::string_view text, const VariableLookup& lookup) : text_(text), lookup_(lookup) {}

  ExpandedText expand() {
    for (std::size_t at = 0; at < text_.size();) {
      if (text_.substr(at, 3) == "$${") {
        literal("${");
        at += 3;
      } else if (text_.substr(at, 2) == "${") {
        at = expression(at);
      } else {
        literal(text_.substr(at, 1));
        ++at;
      }
    }
    return std::move(result_);
  }

 private:
  void literal(std::string_view text) {
    result_.text += text;
    result_.literal = result_.literal || !text.empty();
  }

  // Returns the offset behind the expression that begins at `begin`.
  std::size_t expression(std::size_t begin) {
    result_.replaced = true;
    const std::size_t close = text_.find('}', begin);
    if (close == std::string_view::npos) {
      result_.problems.push_back({"variables.syntax", "${", "${ is not closed by }",
                                  "write $${ if the characters ${ are meant"});
      return text_.size();
    }
    const std::string_view inside = text_.substr(begin + 2, close - begin - 2);
    if (inside.substr(0, kFilePrefix.size()) == kFilePrefix)
      file(std::string(inside.substr(kFilePrefix.size())));
    else
      variable(inside);
    return close + 1;
  }

  void variable(std::string_view inside) {
    const std::size_t separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    const bool has_default = separator != std::string_view::npos;
    if (!is_name(name)) {
      result_.problems.push_back({"variables.syntax", "${", "this is not a variable",
                                  "write ${NAME}, ${NAME:-default} or ${file:/path}, or $${ if "
                                  "the characters ${ are meant"});
      return;
    }
    const std::optional<std::string> value = lookup_.variable(name);
    const bool usable = value && (!has_default || !value->empty());
    result_.uses.push_back({name, usable, has_default});
    const std::string_view fallback = has_default ? inside.substr(separator + 2) : "";
    result_.literal = result_.literal || !fallback.empty();
    if (usable)
      result_.text += *value;
    else if (has_default)
      result_.text += fallback;
    else
      result_.problems.push_back({"variables.unset", "${" + name + "}",
                                  "the variable " + name + " is not set",
                                  "set it in the environment (export " + name +
                                      "=...), or write a default: ${" + name + ":-...}"});
    if (usable && (value->find('\0') != std::string::npos || first_invalid_utf8(*value)))
      result_.problems.push_back({"variables.encoding", "${" + name,
                                  "the value of the variable " + name + " is not valid UTF-8", ""});
  }

  void file(const std::string& path) {
    const Result<std::string> content = lookup_.file(path);
    result_.uses.push_back({std::string(kFilePrefix) + path, content.ok(), false});
    if (content.ok()) {
      result_.text += *content;
      return;
    }
    result_.problems.push_back({"variables.file", "${file:" + path + "}",
                                content.status().message(), content.status().next()});
  }

  std::string_view text_;
  const VariableLookup& lookup_;
  ExpandedText result_;
};

class DocumentExpander {
 public:
  DocumentExpander(const JsonDocument& document, const VariableLookup& lookup, Findings& findings)
      : document_(document), lookup_(lookup), findings_(findings) {}

  void visit(const nlohmann::ordered_json& value, const std::string& pointer) {
    if (value.is_object()) {
      for (const auto& [key, member] : value.items())
        visit(member, member_pointer(pointer, key));
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        visit(value[i], item_pointer(pointer, i));
    } else if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      if (text.find("${") == std::string::npos || texts_.count(pointer) != 0)
        return;
      ExpandedText expanded = expand_text(text, lookup_);
      for (const VariableProblem& problem : expanded.problems)
        report(problem, pointer);
      texts_.insert_or_assign(pointer, std::move(expanded));
    }
  }

  ExpandedTexts take() { return std::move(texts_); }

 private:
  void report(const VariableProblem& problem, const std::string& pointer) {
    const Span value = document_.value_span(pointer).value_or(Span{});
    const std::size_t inside = document_.raw(value).find(problem.expression);
    const bool found = inside != std::string_view::npos;
    const Span span = found ? Span{value.offset + inside, problem.expression.size()} : value;
    Finding finding = finding_at(document_, span, problem.code, problem.message,
                                 found ? Show::text : Show::nothing);
    finding.pointer = pointer;
    finding.suggestion = problem.suggestion;
    findings_.push_back(std::move(finding));
  }

  const JsonDocument& document_;
  const VariableLookup& lookup_;
  Findings& findings_;
  ExpandedTexts texts_;
};

Status file_status(const std::string& path, int error) {
  const Code code = error == ENOENT   ? Code::not_found
                    : error == EACCES ? Code::permission_denied
                                      : Code::invalid_config;
  return {code, "cannot read the file " + in_quotes(path) + ": " +
                    std::error_code(error, std::generic_category()).message()};
}

}  // namespace

Result<std::string> read_variable_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return file_status(path, EISDIR);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file)
    return file_status(path, errno);
  std::string content(kLargestFile + 1, '\0');
  errno = 0;
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return file_status(path, errno);
  const std::string place = "the file " + in_quotes(path);
  if (content.size() > kLargestFile)
    return Status(Code::invalid_config, place + " is too large for a value (more than 64 KiB)");
  if (content.find('\0') != std::string::npos || first_invalid_utf8(content))
    return Status(Code::invalid_config, place + " is not a text in UTF-8");
  if (!content.empty() && content.back() == '\n')
    content.pop_back();
  return content;
}

VariableLookup environment_variables() {
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
          read_variable_file};
}

ExpandedText expand_text(std::string_view text, const VariableLookup& lookup) {
  return Expander(text, lookup).expand();
}

ExpandedTexts expand_document(const JsonDocument& document, const VariableLookup& lookup,
                              Findings& findings) {
  DocumentExpander expander(document, lookup, findings);
  expander.visit(document.root(), "");
  return expander.take();
}

}  // namespace daymill

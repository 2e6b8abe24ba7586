#include "pipeline/json_positions.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "pipeline/json_excerpt.hpp"
#include "pipeline/json_syntax_error.hpp"

namespace daymill {

namespace {

constexpr std::size_t kBlock = 1024;  // bytes between two counts of code points

bool starts_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
}

// Behind the longest JSON number that begins at `at`; `at` itself when none does.
std::size_t number_end(std::string_view text, std::size_t at) {
  const auto is = [&](std::size_t i, std::string_view characters) {
    return i < text.size() && characters.find(text[i]) != std::string_view::npos;
  };
  const auto digits = [&](std::size_t from) {
    return std::min(text.find_first_not_of("0123456789", from), text.size());
  };
  std::size_t end = is(at, "-") ? at + 1 : at;
  if (!is(end, "0123456789"))
    return at;
  end = text[end] == '0' ? end + 1 : digits(end);
  if (is(end, ".") && is(end + 1, "0123456789"))
    end = digits(end + 1);
  if (is(end, "eE"))
    end = digits(is(end + 1, "+-") ? end + 2 : end + 1);
  return end;
}

}  // namespace

// Builds the tree and follows the parser through the text: between two tokens there is nothing but
// white space, commas and colons, so the place of each token is known without asking the parser.
class PositionRecorder : public nlohmann::json_sax<nlohmann::ordered_json> {
 public:
  PositionRecorder(JsonDocument& document, Findings& findings)
      : document_(document), findings_(findings) {}

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t&) override { return scalar(value); }
  bool string(string_t& value) override {
    const bool has_nul = value.find('\0') != std::string::npos;
    return scalar(std::move(value)) && (!has_nul || refuse_nul());
  }
  bool binary(binary_t&) override { return false; }

  bool key(string_t& name) override {
    const Span span = next_token();
    if (name.find('\0') != std::string::npos)
      refuse_nul();
    Frame& frame = frames_.back();
    frame.key_span = span;
    frame.key = name;
    state_ = SyntaxState::after_key;
    if (!frame.keys.insert(name).second) {
      Finding finding = finding_at(document_, span, "json.duplicate_key",
                                   "the key " + in_quotes(name) + " is here a second time");
      finding.pointer = member_pointer(frame.pointer, name);
      const auto first = document_.key_span(finding.pointer);
      if (first)
        finding.suggestion = "keep one of the two; the first is in line " +
                             std::to_string(document_.position(first->offset).line);
      findings_.push_back(std::move(finding));
    }
    return true;
  }

  bool start_object(std::size_t) override { return open(nlohmann::ordered_json::object()); }
  bool start_array(std::size_t) override { return open(nlohmann::ordered_json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const bool array = !frames_.empty() && frames_.back().value->is_array();
    const SyntaxPlace place{cursor_, position == 0 ? 0 : position - 1, state_, frames_.empty(),
                            array,   error.id == kNumberOutOfRange};
    findings_.push_back(describe_syntax_error(document_, place));
    return false;
  }

 private:
  static constexpr int kNumberOutOfRange = 406;  // of nlohmann's exceptions

  struct Frame {
    nlohmann::ordered_json* value;
    std::string pointer;
    std::size_t begin;  // offset of the bracket
    std::unordered_set<std::string> keys;
    std::string key;
    Span key_span;
  };

  bool scalar(nlohmann::ordered_json value) {
    const Span span = next_token();
    state_ = SyntaxState::after_value;
    place_value(std::move(value), span);
    return true;
  }

  bool open(nlohmann::ordered_json value) {
    const Span span = next_token();
    if (frames_.size() >= kDeepestDocument) {
      Finding finding =
          finding_at(document_, span, "json.too_deep", "objects and arrays are nested too deeply");
      finding.expected = "at most " + std::to_string(kDeepestDocument) + " levels";
      findings_.push_back(std::move(finding));
      return false;
    }
    state_ = SyntaxState::after_open;
    std::string pointer;
    nlohmann::ordered_json* placed = place_value(std::move(value), span, &pointer);
    frames_.push_back({placed, std::move(pointer), span.offset, {}, {}, {}});
    return true;
  }

  bool close() {
    const Span span = next_token();
    state_ = SyntaxState::after_value;
    const Frame& frame = frames_.back();
    JsonDocument::Place& place = document_.places_[frame.pointer];
    if (place.value.offset == frame.begin)
      place.value.length = span.offset + span.length - frame.begin;
    frames_.pop_back();
    return true;
  }

  // Ancestors are not touched while a child is open, so pointers to them stay valid.
  nlohmann::ordered_json* place_value(nlohmann::ordered_json value, Span span,
                                      std::string* pointer_out = nullptr) {
    std::string pointer;
    Span key_span;
    nlohmann::ordered_json* placed = &document_.root_;
    if (frames_.empty()) {
      document_.root_ = std::move(value);
    } else if (Frame& frame = frames_.back(); frame.value->is_array()) {
      auto& items = frame.value->get_ref<nlohmann::ordered_json::array_t&>();
      pointer = item_pointer(frame.pointer, items.size());
      placed = &items.emplace_back(std::move(value));
    } else {
      auto& members = frame.value->get_ref<nlohmann::ordered_json::object_t&>();
      pointer = member_pointer(frame.pointer, frame.key);
      key_span = frame.key_span;
      members.push_back({frame.key, std::move(value)});
      placed = &members.back().second;
    }
    document_.places_.try_emplace(pointer, JsonDocument::Place{key_span, span});
    if (pointer_out != nullptr)
      *pointer_out = std::move(pointer);
    return placed;
  }

  Span next_token() {
    const std::string& text = document_.text_;
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n,:", cursor_), text.size());
    std::size_t end = begin + 1;
    if (begin < text.size() && text[begin] == '"') {
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2u : 1u;
      ++end;
    } else if (begin < text.size() && text[begin] >= 'a' && text[begin] <= 'z') {
      end = begin + (text[begin] == 'f' ? 5u : 4u);  // false, true, null
    } else {
      end = std::max(end, number_end(text, begin));
    }
    cursor_ = std::min(end, text.size());
    last_token_ = {begin, cursor_ - begin};
    return last_token_;
  }

  bool refuse_nul() {
    findings_.push_back(finding_at(document_, last_token_, "json.nul",
                                   "a text must not hold the character U+0000", Show::nothing));
    return true;
  }

  JsonDocument& document_;
  Findings& findings_;
  std::vector<Frame> frames_;
  std::size_t cursor_ = 0;
  Span last_token_;
  SyntaxState state_ = SyntaxState::start;
};

JsonDocument::JsonDocument(std::string file, std::string text)
    : file_(std::move(file)),
      text_(std::move(text)),
      root_(nlohmann::ordered_json::value_t::discarded) {
  line_starts_.push_back(0);
  std::size_t code_points = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (i % kBlock == 0)
      block_code_points_.push_back(code_points);
    code_points += starts_code_point(text_[i]) ? 1u : 0u;
    if (text_[i] == '\n')
      line_starts_.push_back(i + 1);
  }
  if (text_.size() % kBlock == 0)
    block_code_points_.push_back(code_points);
}

const nlohmann::ordered_json* JsonDocument::at(const std::string& pointer) const {
  const nlohmann::ordered_json::json_pointer path(pointer);
  return root_.contains(path) ? &root_.at(path) : nullptr;
}

std::optional<Span> JsonDocument::value_span(const std::string& pointer) const {
  const auto place = places_.find(pointer);
  return place == places_.end() ? std::nullopt : std::optional(place->second.value);
}

std::optional<Span> JsonDocument::key_span(const std::string& pointer) const {
  const auto place = places_.find(pointer);
  return place == places_.end() || place->second.key.length == 0 ? std::nullopt
                                                                 : std::optional(place->second.key);
}

Position JsonDocument::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t line = line_index(offset);
  return {line + 1, code_points_before(offset) - code_points_before(line_starts_[line]) + 1};
}

std::size_t JsonDocument::line_index(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
}

std::size_t JsonDocument::code_points_before(std::size_t offset) const {
  std::size_t count = block_code_points_[offset / kBlock];
  for (std::size_t i = offset - offset % kBlock; i < offset; ++i)
    count += starts_code_point(text_[i]) ? 1u : 0u;
  return count;
}

std::string_view JsonDocument::raw(Span span) const {
  return std::string_view(text_).substr(span.offset, span.length);
}

Span JsonDocument::line_at(std::size_t offset) const {
  const std::size_t start = line_starts_[line_index(offset)];
  std::size_t end = std::min(text_.find('\n', start), text_.size());
  if (end > start && text_[end - 1] == '\r')
    --end;
  return {start, end - start};
}

namespace {

bool readable(const JsonDocument& document, Findings& findings) {
  const std::string& text = document.text();
  if (text.size() > kLargestDocument) {
    Finding finding;
    finding.code = "json.too_large";
    finding.file = document.file();
    finding.message = "the file is too large for a pipeline";
    finding.found = std::to_string(text.size()) + " bytes";
    finding.expected = "at most " + std::to_string(kLargestDocument) + " bytes";
    findings.push_back(std::move(finding));
    return false;
  }
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) {
    Finding finding = finding_at(document, {0, 3}, "json.byte_order_mark",
                                 "the file begins with a byte order mark");
    finding.suggestion = "save it as UTF-8 without one";
    finding.fix = TextEdit{0, 3, ""};
    findings.push_back(std::move(finding));
    return false;
  }
  if (const auto offset = first_invalid_utf8(text)) {
    Finding finding =
        finding_at(document, {*offset, 1}, "json.invalid_utf8", "the file is not valid UTF-8");
    finding.suggestion = "save it as UTF-8";
    findings.push_back(std::move(finding));
    return false;
  }
  return true;
}

}  // namespace

JsonDocument parse_json(std::string file, std::string text, Findings& findings) {
  JsonDocument document(std::move(file), std::move(text));
  if (!readable(document, findings))
    return document;
  PositionRecorder recorder(document, findings);
  if (!nlohmann::ordered_json::sax_parse(document.text_, &recorder)) {
    document.root_ = nlohmann::ordered_json(nlohmann::ordered_json::value_t::discarded);
    document.places_.clear();
  }
  return document;
}

std::string member_pointer(const std::string& pointer, std::string_view key) {
  std::string result = pointer + '/';
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::string item_pointer(const std::string& pointer, std::size_t index) {
  return pointer + '/' + std::to_string(index);
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80                    ? 1
                               : lead >= 0xC2 && lead <= 0xDF ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || i + length > text.size())
      return i;
    for (std::size_t j = 1; j < length; ++j) {
      if ((byte(i + j) & 0xC0u) != 0x80u)
        return i;
    }
    const unsigned second = length > 1 ? byte(i + 1) : 0;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool too_large = lead == 0xF4 && second > 0x8F;
    if (overlong || surrogate || too_large)
      return i;
    i += length;
  }
  return std::nullopt;
}

}  // namespace daymill

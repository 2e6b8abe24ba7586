#include "pipeline/json_excerpt.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace daymill {
namespace {

constexpr std::size_t kWidest = 100;        // code points of an excerpt
constexpr std::size_t kLongestLine = 4096;  // bytes; a longer line gives no excerpt
constexpr std::size_t kBeforeCaret = 40;    // kept when a line is cut

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_structure(char c) {
  return std::string_view("{}[],:").find(c) != std::string_view::npos;
}

// Writes one line token by token into cells, one code point each, and notes which cells the caret
// covers.
class ExcerptWriter {
 public:
  ExcerptWriter(std::string_view text, Span line, Span span, Show show)
      : text_(text), end_(line.offset + line.length), at_(line.offset), span_(span), show_(show) {}

  void write() {
    while (at_ < end_) {
      const char c = text_[at_];
      if (c == '"')
        write_string();
      else if (is_space(c) || is_structure(c))
        write_structure(c);
      else
        write_word();
    }
    if (!caret_set_)
      caret_begin_ = caret_end_ = cells_.size();
  }

  void fill(Finding& finding) {
    std::size_t begin = 0;
    std::size_t end = cells_.size();
    if (end > kWidest) {
      begin = caret_begin_ > kBeforeCaret ? caret_begin_ - kBeforeCaret : 0;
      end = std::min(end, begin + kWidest);
    }
    std::string excerpt = begin > 0 ? "…" : "";
    for (std::size_t i = begin; i < end; ++i)
      excerpt += cells_[i];
    if (end < cells_.size())
      excerpt += "…";
    finding.excerpt = std::move(excerpt);
    finding.caret_column = caret_begin_ - begin + (begin > 0 ? 2 : 1);
    finding.caret_length = std::max<std::size_t>(std::min(caret_end_, end) - caret_begin_, 1);
  }

 private:
  void write_structure(char c) {
    emit_raw(at_, at_ + 1);
    if (!is_space(c))
      last_structure_ = c;
    ++at_;
  }

  void write_string() {
    const std::size_t begin = at_;
    std::size_t end = begin + 1;
    while (end < end_ && text_[end] != '"')
      end += text_[end] == '\\' ? 2u : 1u;
    end = std::min(end + 1, end_);
    at_ = end;
    if (is_key(end)) {
      emit_raw(begin, end);
    } else if (show_ == Show::nothing || !overlaps(begin, end)) {
      emit_blank(begin, end, "\"…\"");
    } else {
      const std::size_t shown_begin = std::max(begin, span_.offset);
      const std::size_t shown_end = std::min(end, span_.offset + span_.length);
      if (shown_begin > begin)
        emit(shown_begin > begin + 1 ? "\"…" : "\"");
      emit_raw(shown_begin, shown_end);
      if (shown_end < end)
        emit(shown_end + 1 < end ? "…\"" : "\"");
    }
  }

  void write_word() {
    const std::size_t begin = at_;
    while (at_ < end_ && !is_space(text_[at_]) && !is_structure(text_[at_]) && text_[at_] != '"')
      ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const bool harmless = word == "true" || word == "false" || word == "null" || is_key(at_);
    const bool shown = show_ == Show::text && overlaps(begin, at_) && span_.offset <= begin &&
                       span_.offset + span_.length >= at_;
    if (harmless || shown)
      emit_raw(begin, at_);
    else
      emit_blank(begin, at_, "…");
  }

  // A token that ends at `end` is a key when a colon follows it and none stands before it.
  bool is_key(std::size_t end) const {
    while (end < end_ && is_space(text_[end]))
      ++end;
    return end < end_ && text_[end] == ':' && last_structure_ != ':';
  }

  bool overlaps(std::size_t begin, std::size_t end) const {
    return span_.offset < end && begin < span_.offset + span_.length;
  }

  void emit_raw(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end;) {
      std::size_t next = i + 1;
      while (next < end && (static_cast<unsigned char>(text_[next]) & 0xC0u) == 0x80u)
        ++next;
      const auto byte = static_cast<unsigned char>(text_[i]);
      if (overlaps(i, next))
        cover(cells_.size(), cells_.size() + 1);
      cells_.push_back(byte == '\t'                  ? " "
                       : byte < 0x20 || byte == 0x7F ? "?"
                                                     : std::string(text_.substr(i, next - i)));
      i = next;
    }
  }

  void emit_blank(std::size_t begin, std::size_t end, std::string_view blank) {
    const std::size_t first = cells_.size();
    emit(blank);
    if (overlaps(begin, end))
      cover(first, cells_.size());
  }

  void emit(std::string_view text) {
    for (const char c : text) {
      if ((static_cast<unsigned char>(c) & 0xC0u) == 0x80u && !cells_.empty())
        cells_.back() += c;
      else
        cells_.emplace_back(1, c);
    }
  }

  void cover(std::size_t begin, std::size_t end) {
    if (!caret_set_)
      caret_begin_ = begin;
    caret_set_ = true;
    caret_end_ = end;
  }

  std::string_view text_;
  std::size_t end_;
  std::size_t at_;
  Span span_;
  Show show_;
  char last_structure_ = ',';
  std::vector<std::string> cells_;
  bool caret_set_ = false;
  std::size_t caret_begin_ = 0;
  std::size_t caret_end_ = 0;
};

}  // namespace

Finding finding_at(const JsonDocument& document, Span span, std::string code, std::string message,
                   Show show) {
  Finding finding;
  finding.code = std::move(code);
  finding.message = std::move(message);
  finding.file = document.file();
  const Position position = document.position(span.offset);
  finding.line = position.line;
  finding.column = position.column;
  const std::string_view text = document.text();
  if (span.offset < text.size() && (text[span.offset] == '{' || text[span.offset] == '['))
    span.length = 1;
  const Span line = document.line_at(span.offset);
  if (line.length != 0 && line.length <= kLongestLine &&
      !first_invalid_utf8(text.substr(line.offset, line.length))) {
    ExcerptWriter writer(text, line, span, show);
    writer.write();
    writer.fill(finding);
  }
  return finding;
}

Finding finding_at_value(const JsonDocument& document, const std::string& pointer, std::string code,
                         std::string message, Show show) {
  Finding finding = finding_at(document, document.value_span(pointer).value_or(Span{0, 1}),
                               std::move(code), std::move(message), show);
  finding.pointer = pointer;
  return finding;
}

Finding finding_at_key(const JsonDocument& document, const std::string& pointer, std::string code,
                       std::string message) {
  const auto key = document.key_span(pointer);
  if (!key)
    return finding_at_value(document, pointer, std::move(code), std::move(message), Show::nothing);
  Finding finding = finding_at(document, *key, std::move(code), std::move(message));
  finding.pointer = pointer;
  return finding;
}

}  // namespace daymill

#include "csv_parser.hpp"

#include <algorithm>
#include <new>

#include <csv.h>

namespace daymill::csv {

struct CsvParser::State {
  struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool absent = false;
  };

  csv_parser parser{};
  CsvRows* rows = nullptr;
  std::string bytes;  // of the current row's fields
  std::vector<Piece> pieces;
  std::vector<CsvField> fields;
  std::int64_t line = 1;       // on which the current row begins
  std::int64_t line_ends = 0;  // inside the current row's fields
  bool after_return = false;   // the last row ended with CR: an LF belongs to it
  bool out_of_memory = false;  // exceptions must not pass through libcsv

  ~State() { csv_free(&parser); }

  void add_field(const char* data, std::size_t size) {
    after_return = false;
    pieces.push_back(Piece{bytes.size(), size, data == nullptr});
    if (size != 0) {
      bytes.append(data, size);
      line_ends += std::count(data, data + size, '\n');
    }
  }
  void end_row(int terminator) {
    if (pieces.empty() && terminator == '\n' && after_return) {
      after_return = false;
      return;
    }
    if (!pieces.empty()) {
      fields.clear();
      for (const Piece& piece : pieces) {
        fields.push_back(
            CsvField{std::string_view(bytes).substr(piece.begin, piece.size), piece.absent});
      }
      rows->row(line, fields);
      pieces.clear();
      bytes.clear();
    }
    line += line_ends + 1;
    line_ends = 0;
    after_return = terminator == '\r';
  }
};

namespace {

int never_space(unsigned char /*byte*/) {
  return 0;
}

}  // namespace

CsvParser::CsvParser(char delimiter, char quote) : state_(std::make_unique<State>()) {
  // REPALL_NL reports empty lines too, which keeps the line numbers right.
  csv_init(&state_->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL | CSV_REPALL_NL);
  csv_set_delim(&state_->parser, static_cast<unsigned char>(delimiter));
  csv_set_quote(&state_->parser, static_cast<unsigned char>(quote));
  csv_set_space_func(&state_->parser, never_space);
  // libcsv grows a field's buffer by this much at a time; its own 128 bytes make long fields slow.
  csv_set_blk_size(&state_->parser, std::size_t{64} << 10);
}

CsvParser::~CsvParser() = default;
CsvParser::CsvParser(CsvParser&&) noexcept = default;

std::int64_t CsvParser::line() const {
  return state_->line;
}

namespace {

template <typename State>
void on_field(void* data, std::size_t size, void* state) {
  auto* self = static_cast<State*>(state);
  try {
    self->add_field(static_cast<const char*>(data), size);
  } catch (const std::bad_alloc&) {
    self->out_of_memory = true;
  }
}

template <typename State>
void on_row(int terminator, void* state) {
  auto* self = static_cast<State*>(state);
  try {
    self->end_row(terminator);
  } catch (const std::bad_alloc&) {
    self->out_of_memory = true;
  }
}

Status error_of(int error) {
  switch (error) {
    case CSV_ENOMEM:
    case CSV_ETOOBIG:
      return Status(Code::resource_exhausted, "no memory for a CSV field");
    default:
      return Status(Code::invalid_data,
                    "a quote is not where CSV allows it, expected fields as a, \"a, b\" or \"a "
                    "\"\"b\"\"\"");
  }
}

}  // namespace

Status CsvParser::feed(std::string_view bytes, CsvRows& rows) {
  State& state = *state_;
  state.rows = &rows;
  const std::size_t parsed =
      csv_parse(&state.parser, bytes.data(), bytes.size(), on_field<State>, on_row<State>, &state);
  if (state.out_of_memory) {
    return error_of(CSV_ENOMEM);
  }
  if (parsed != bytes.size()) {
    return error_of(csv_error(&state.parser));
  }
  if (csv_get_buffer_size(&state.parser) + state.bytes.size() > kMaxRowBytes) {
    return Status(Code::invalid_data, "a row is longer than 4 MiB; is a closing quote missing?");
  }
  return {};
}

Status CsvParser::finish(CsvRows& rows) {
  State& state = *state_;
  state.rows = &rows;
  if (csv_fini(&state.parser, on_field<State>, on_row<State>, &state) != 0) {
    return Status(Code::invalid_data,
                  "the file ends inside a quoted field; is a closing quote missing?");
  }
  return state.out_of_memory ? error_of(CSV_ENOMEM) : Status();
}

}  // namespace daymill::csv

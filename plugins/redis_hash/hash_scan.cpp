#include "hash_scan.hpp"

#include <new>
#include <utility>

#include "daymill/value.hpp"
#include "server_error.hpp"

namespace daymill::redis_hash {

/// A reply to HSCAN is [cursor, [field, value, field, value, ...]]. No exception may pass through
/// hiredis, which is C: failures are kept and looked at after the call.
struct HashScan::Callbacks {
  static inline char object = 0;  // hiredis wants something that is not null for each element

  static HashScan& scan_of(const redisReadTask* task) {
    return *static_cast<HashScan*>(task->privdata);
  }
  static void* malformed(const redisReadTask* task) {
    scan_of(task).malformed_ = true;
    return &object;
  }
  static void* string(const redisReadTask* task, char* data, std::size_t size) {
    HashScan& scan = scan_of(task);
    try {
      if (task->parent == nullptr) {
        if (task->type != REDIS_REPLY_ERROR) {
          return malformed(task);
        }
        scan.server_error_.assign(data, size);
      } else if (task->parent->parent != nullptr) {
        scan.element({data, size});
      } else if (task->idx == 0) {
        scan.cursor_.assign(data, size);
      } else {
        return malformed(task);
      }
    } catch (const std::bad_alloc&) {
      scan.out_of_memory_ = true;
      return nullptr;
    }
    return &object;
  }
  // The type of the count differs between versions of hiredis: int before 1.0, size_t since.
  template <typename Count>
  static void* array(const redisReadTask* task, Count count) {
    const bool outer = task->parent == nullptr;
    const bool right =
        outer ? count == 2 : task->parent->parent == nullptr && task->idx == 1 && count % 2 == 0;
    return right ? &object : malformed(task);
  }
  static void* integer(const redisReadTask* task, long long /*value*/) { return malformed(task); }
  static void* nil(const redisReadTask* task) { return malformed(task); }
  static void free(void* /*object*/) {}

  static redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions table = [] {
      redisReplyObjectFunctions made{};  // newer versions have more members: null, so unused
      made.createString = &Callbacks::string;
      made.createArray = &Callbacks::array;
      made.createInteger = &Callbacks::integer;
      made.createNil = &Callbacks::nil;
      made.freeObject = &Callbacks::free;
      return made;
    }();
    return &table;
  }
};

HashScan::HashScan() : reader_(redisReaderCreateWithFunctions(Callbacks::functions())) {
  if (reader_ == nullptr) {
    throw std::bad_alloc();
  }
  reader_->privdata = this;
  reader_->maxbuf = 0;  // keep the buffer between pages
}

void HashScan::element(std::string_view bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (!std::exchange(has_field_, !has_field_)) {
    field_.assign(bytes);
    return;
  }
  out_->column(0).append_bytes(field_);
  out_->column(1).append_bytes(bytes);
  out_->end_row();
  ++rows_;
}

Status HashScan::feed(const char* bytes, std::size_t size, BatchBuilder& out) {
  out_ = &out;
  if (redisReaderFeed(reader_.get(), bytes, size) != REDIS_OK) {
    throw std::bad_alloc();
  }
  for (void* reply = &Callbacks::object; reply != nullptr;) {
    reply = nullptr;
    const int parsed = redisReaderGetReply(reader_.get(), &reply);
    if (out_of_memory_) {
      throw std::bad_alloc();
    }
    if (parsed != REDIS_OK || malformed_ || !server_error_.empty()) {
      return failure();
    }
    if (reply != nullptr) {
      DAYMILL_TRY(page_end());
    }
  }
  return {};
}

Status HashScan::page_end() {
  if (has_field_) {
    return failure();
  }
  ++pages_;
  return {};
}

Status HashScan::failure() const {
  if (!server_error_.empty()) {
    return server_error(server_error_);
  }
  return Status(Code::unsupported,
                std::string("the answer to HSCAN is not a cursor and pairs of field and value") +
                    (reader_->err != 0 ? ": " + printable(reader_->errstr) : ""));
}

}  // namespace daymill::redis_hash

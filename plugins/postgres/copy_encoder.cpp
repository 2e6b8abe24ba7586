#include "copy_encoder.hpp"

#include <algorithm>
#include <cstring>

namespace daymill::postgres {

void CopyBuffer::grow(std::size_t count) {
  const std::size_t wanted = std::max({size_ + count, capacity_ * 2, kChunk + kChunk / 4});
  std::unique_ptr<char[]> larger(new char[wanted]);  // uninitialised on purpose
  if (size_ != 0) {
    std::memcpy(larger.get(), data_.get(), size_);
  }
  data_ = std::move(larger);
  capacity_ = wanted;
}

std::unique_ptr<CopyEncoder> CopyEncoder::make(const Binding& binding, std::int32_t partition_day) {
  return binding.binary() ? make_binary_encoder(binding.columns, partition_day)
                          : make_text_encoder(binding.columns, partition_day);
}

}  // namespace daymill::postgres

#include "scan_order.hpp"

#include <algorithm>
#include <utility>

namespace daymill::redis_hash {
namespace {

constexpr int kStripeBits = 3;  // eight places of the table lie in a line of the cache
constexpr std::uint64_t kStripes = std::uint64_t{1} << kStripeBits;
constexpr int kPlaceBits = 64 - kStripeBits;  // of the places within a stripe

std::uint64_t reversed(std::uint64_t bits) {
  std::uint64_t result = 0;
  for (int i = 0; i < 64; ++i) {
    result = result << 1 | (bits >> i & 1);
  }
  return result;
}

/// Stripes in HSCAN's order.
std::uint64_t number_of_stripe(std::uint64_t cursor) {
  return reversed(cursor) >> kPlaceBits;
}

std::uint64_t place_in_stripe(std::uint64_t cursor) {
  return reversed(cursor) << kStripeBits;
}

}  // namespace

ScanOrder::ScanOrder(bool in_stripes) : wants_stripes_(in_stripes), stripes_(1) {}

std::uint64_t ScanOrder::ask() {
  asked_ = &*std::min_element(stripes_.begin(), stripes_.end(),
                              [](const Stripe& a, const Stripe& b) { return a.begun < b.begun; });
  return asked_->cursor;
}

/// After the first page: it was all of the hash, or a small part of the first stripe.
void ScanOrder::cut() {
  stripes_.resize(kStripes);
  for (std::uint64_t number = 0; number < kStripes; ++number) {
    stripes_[number].cursor = reversed(number << kPlaceBits);
  }
}

void ScanOrder::end_all() {
  for (Stripe& stripe : stripes_) {
    stripe.begun = ReadPosition::kEnd;
  }
  all_asked_ = true;
}

std::optional<std::string> ScanOrder::begin_page(std::uint64_t cursor) {
  if (std::exchange(wants_stripes_, false) && cursor != 0 && number_of_stripe(cursor) == 0) {
    cut();
    asked_ = stripes_.data();
  }
  Stripe& stripe = *asked_;
  arriving_ = asked_;
  if (!in_stripes()) {
    stripe.cursor = cursor;
    all_asked_ = cursor == 0;
    return {};
  }
  const auto number = static_cast<std::uint64_t>(&stripe - stripes_.data());
  const bool crosses =
      cursor == 0 ? number + 1 == kStripes : number_of_stripe(cursor) == number + 1;
  const bool goes_on =
      cursor != 0 && number_of_stripe(cursor) == number && place_in_stripe(cursor) > stripe.begun;
  if (!crosses && !goes_on) {
    kept_ = false;
    end_all();
    return {};
  }
  stripe.cursor = cursor;
  stripe.begun = crosses ? ReadPosition::kEnd : place_in_stripe(cursor);
  reached_ = std::max(reached_, stripe.begun);
  all_asked_ = std::all_of(stripes_.begin(), stripes_.end(),
                           [](const Stripe& one) { return one.begun == ReadPosition::kEnd; });
  return crosses && cursor != 0 ? stripes_[number + 1].first_field : std::nullopt;
}

void ScanOrder::end_page(std::optional<std::string_view> first_field) {
  if (first_field && !arriving_->first_field) {
    arriving_->first_field = std::string(*first_field);
  }
  arriving_->arrived = arriving_->begun;
  arriving_ = nullptr;
}

ReadPosition ScanOrder::position() const {
  if (finished()) {
    return {ReadPosition::kEnd, ReadPosition::kEnd};
  }
  if (!in_stripes()) {
    return {0, ReadPosition::kEnd};
  }
  const auto least =
      std::min_element(stripes_.begin(), stripes_.end(),
                       [](const Stripe& a, const Stripe& b) { return a.arrived < b.arrived; });
  return {least->arrived, reached_};
}

}  // namespace daymill::redis_hash

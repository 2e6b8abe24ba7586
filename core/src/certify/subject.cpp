#include "certify/subject.hpp"

namespace daymill {

void CertifyHost::log(std::int32_t /*level*/, std::string_view /*plugin*/,
                      std::string_view message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  logged_ += std::string(message) + "\n";
}

std::string CertifyHost::logged() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return logged_;
}

Result<std::unique_ptr<Source>> Subject::source() const {
  return make_source(component, settings, host, BatchCheck::data);
}

Result<std::unique_ptr<Transform>> Subject::transform() const {
  return make_transform(component, settings, host, BatchCheck::data);
}

Result<std::unique_ptr<Sink>> Subject::sink() const {
  return make_sink(component, settings, host);
}

Status Subject::create(const std::vector<Config::Entry>& with) const {
  switch (component.kind) {
    case ComponentKind::source:
      return make_source(component, with, host).status();
    case ComponentKind::transform:
      return make_transform(component, with, host).status();
    case ComponentKind::sink:
      return make_sink(component, with, host).status();
  }
  return {};
}

Partition utc_day(std::int32_t day) {
  constexpr std::int64_t kDay = std::int64_t{86400} * 1000000;
  return Partition{date_text(day), day, day * kDay, (day + 1) * kDay};
}

}  // namespace daymill

// Where a plugin of the product is certified: files and servers of the test's own, and the settings
// that lead there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace daymill {

class CertifyStand {
 public:
  virtual ~CertifyStand() = default;
  /// The text for --config: an entry for each component of the plugin.
  [[nodiscard]] virtual std::string config() const = 0;
};

/// Null: there is none for this plugin.
std::unique_ptr<CertifyStand> make_certify_stand(std::string_view plugin);

}  // namespace daymill

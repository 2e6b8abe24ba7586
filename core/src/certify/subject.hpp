// What a check is given: one component, the settings it is made with, and data to try it on.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "certify/probe_rows.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_component.hpp"
#include "plugin/proxies.hpp"

namespace daymill {

/// Keeps what the plugin logs, and asks it to stop when told to. Any thread.
class CertifyHost final : public HostServices {
 public:
  void log(std::int32_t level, std::string_view plugin, std::string_view message) override;
  [[nodiscard]] bool stop_requested() const override { return stop_; }
  void stop() { stop_ = true; }
  [[nodiscard]] std::string logged() const;

 private:
  mutable std::mutex mutex_;
  std::string logged_;
  std::atomic<bool> stop_{false};
};

/// Lives in the process of the check.
struct Subject {
  PluginComponent component;
  std::vector<Config::Entry> settings;
  bool is_configured = false;  ///< the settings are the user's, not the examples of the spec
  std::vector<std::string> secret_fields;
  std::vector<std::string> text_fields;  ///< names of settings that take any text
  ProbeRows rows;                        ///< for transforms and sinks
  bool rows_are_given = false;           ///< their columns are the user's
  Partition day;  ///< of sources; sinks: the first of the days that are written
  bool may_remove = false;
  std::vector<std::string> change;  ///< command that changes what a source holds; empty: none
  std::shared_ptr<CertifyHost> host = std::make_shared<CertifyHost>();

  [[nodiscard]] Result<std::unique_ptr<Source>> source() const;
  [[nodiscard]] Result<std::unique_ptr<Transform>> transform() const;
  [[nodiscard]] Result<std::unique_ptr<Sink>> sink() const;
  /// Makes the component with these settings and destroys it.
  [[nodiscard]] Status create(const std::vector<Config::Entry>& with) const;
};

/// The civil day as a partition in UTC.
Partition utc_day(std::int32_t day);

}  // namespace daymill

#include <memory>
#include <utility>

#include "plugin/plugin_object.hpp"
#include "plugin/proxies.hpp"

namespace daymill {

namespace {

using SinkFunctions = daymill_sink_functions;
using SinkObject = PluginObject<SinkFunctions>;

class WriterProxy final : public Writer {
 public:
  WriterProxy(const std::string& id, daymill_writer writer, std::shared_ptr<SinkObject> sink)
      : writer_(id, writer, std::move(sink)) {}

  Status write(RecordBatch batch) override {
    ArrowArray array{};
    std::move(batch).export_to(&array);
    const detail::ArrayOwner owner(&array);  // of a plugin that did not take it
    return call_plugin(writer_.id(), [&](daymill_error* error) {
      return writer_.functions()->write(writer_.self(), &array, error);
    });
  }

  Status finish() override {
    return call_plugin(writer_.id(), [&](daymill_error* error) {
      return writer_.functions()->finish(writer_.self(), error);
    });
  }

 private:
  PluginHandle<daymill_writer> writer_;
};

class SinkProxy final : public Sink {
 public:
  explicit SinkProxy(std::shared_ptr<SinkObject> object) : object_(std::move(object)) {}

  Status check_rows(const Schema& rows) override {
    if (!object_->has(&SinkFunctions::check_rows)) {
      return {};
    }
    const detail::SchemaView view(rows);
    return object_->call(&SinkFunctions::check_rows, view.get());
  }

  Status bind(const Schema& rows, const std::string& pipeline) override {
    const detail::SchemaView view(rows);
    return object_->call(&SinkFunctions::bind, view.get(), detail::to_c(pipeline));
  }

  Result<Evidence> receipts(const Partition& partition, bool settle) override {
    const daymill_partition view = detail::to_c(partition);
    detail::Received<daymill_evidence> evidence;
    DAYMILL_TRY(object_->call(&SinkFunctions::receipts, &view, settle ? 1 : 0, evidence.out()));
    return detail::from_c(evidence.get());
  }

  Result<std::int64_t> claim(const Partition& partition) override {
    const daymill_partition view = detail::to_c(partition);
    std::int64_t epoch = 0;
    DAYMILL_TRY(object_->call(&SinkFunctions::claim, &view, &epoch));
    if (epoch < 1) {
      return plugin_breach(
          object_->id(), "claim answered epoch " + std::to_string(epoch) + ", expected 1 or more");
    }
    return epoch;
  }

  Status begin(const Attempt& attempt) override {
    if (attempt.adopt) {
      DAYMILL_TRY(object_->need_minor(1, "adopting"));
    }
    if (attempt.epoch == 0) {
      DAYMILL_TRY(object_->need_minor(1, "rehearsals"));
    }
    const detail::AttemptView view(attempt);
    return object_->call(&SinkFunctions::begin, view.get());
  }

  Result<std::unique_ptr<Writer>> open() override {
    daymill_writer writer{};
    DAYMILL_TRY(object_->call(&SinkFunctions::open, &writer));
    DAYMILL_TRY(check_handle(object_->id(), "open", writer, &daymill_writer_functions::write,
                             &daymill_writer_functions::finish));
    return std::make_unique<WriterProxy>(object_->id(), writer, object_);
  }

  Status reject(const std::vector<RejectRow>& rows) override {
    const std::vector<daymill_reject_row> views = detail::to_c(rows);
    return object_->call(&SinkFunctions::reject, views.size(), views.data());
  }

  Status commit(const Load& load, const std::vector<Receipt>& receipts) override {
    const detail::LoadView view(load);
    const std::vector<daymill_receipt> views = detail::to_c(receipts);
    return object_->call(&SinkFunctions::commit, view.get(), views.size(), views.data());
  }

  void abort() noexcept override { object_->functions()->abort(object_->self()); }

  Status mark_removed(const Partition& partition, const std::string& split,
                      std::int64_t generation) override {
    const daymill_partition view = detail::to_c(partition);
    return object_->call(&SinkFunctions::mark_removed, &view, detail::to_c(split), generation);
  }

  Result<std::string> identity() override {
    detail::Received<daymill_text_list> texts;
    DAYMILL_TRY(object_->call(&SinkFunctions::identity, texts.out()));
    const std::vector<std::string> identity = detail::from_c(texts.get());
    if (identity.size() != 1 || identity.front().empty()) {
      return plugin_breach(object_->id(), "identity gave " + std::to_string(identity.size()) +
                                              " texts, expected one that is not empty");
    }
    return identity.front();
  }

  Result<std::vector<std::string>> check() override {
    if (!object_->has(&SinkFunctions::check)) {
      return std::vector<std::string>{};
    }
    detail::Received<daymill_text_list> findings;
    DAYMILL_TRY(object_->call(&SinkFunctions::check, findings.out()));
    return detail::from_c(findings.get());
  }

  Result<std::vector<PartitionEvidence>> history() override {
    if (!object_->has(&SinkFunctions::history)) {
      return Sink::history();
    }
    detail::Received<daymill_history> history;
    DAYMILL_TRY(object_->call(&SinkFunctions::history, history.out()));
    return detail::from_c(history.get());
  }

  Result<Difference> difference(std::int64_t max_examples) override {
    if (!object_->has(&SinkFunctions::difference)) {
      return Sink::difference(max_examples);
    }
    detail::Received<daymill_difference> difference;
    DAYMILL_TRY(object_->call(&SinkFunctions::difference, max_examples, difference.out()));
    return detail::from_c(difference.get());
  }

  Result<std::vector<RejectRow>> rejects(const Partition& partition,
                                         std::int64_t max_rows) override {
    if (!object_->has(&SinkFunctions::rejects)) {
      return Sink::rejects(partition, max_rows);
    }
    const daymill_partition view = detail::to_c(partition);
    detail::Received<daymill_reject_list> rejects;
    DAYMILL_TRY(object_->call(&SinkFunctions::rejects, &view, max_rows, rejects.out()));
    return detail::from_c(rejects.get());
  }

  Status note_decision(const Partition& partition, const OperatorDecision& decision) override {
    if (!object_->has(&SinkFunctions::note_decision)) {
      return Sink::note_decision(partition, decision);
    }
    const daymill_partition view = detail::to_c(partition);
    const daymill_decision decision_view = detail::to_c(decision);
    return object_->call(&SinkFunctions::note_decision, &view, &decision_view);
  }

 private:
  std::shared_ptr<SinkObject> object_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const PluginComponent& component,
                                        const std::vector<Config::Entry>& entries,
                                        std::shared_ptr<HostServices> services) {
  DAYMILL_ASSIGN(auto object, SinkObject::create(component, entries, std::move(services)));
  return std::make_unique<SinkProxy>(std::move(object));
}

}  // namespace daymill

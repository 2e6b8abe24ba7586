// Errors: settings that make no sense are an answer and not a crash, every error has a code and a
// message, and no secret is in either.
#include "certify/check.hpp"

namespace daymill {

namespace {

using Entries = std::vector<Config::Entry>;

constexpr const char* kNonsense = "{no such thing: \x01";
constexpr const char* kSecret = "s3cret-that-nobody-may-see";

Entries with(const Subject& subject, const std::string& name, const std::string& value) {
  Entries entries = subject.settings;
  bool found = false;
  for (Config::Entry& entry : entries) {
    if (entry.name == name) {
      entry.value = value;
      found = true;
    }
  }
  if (!found) {
    entries.push_back({name, "", value});
  }
  return entries;
}

CheckResult without_settings(const Subject& subject) {
  const Status created = subject.create({});
  return created.ok() ? ok_status() : check_error("create without settings", created);
}

CheckResult with_nonsense(const Subject& subject) {
  for (const std::string& field : subject.text_fields) {
    for (const char* value : {kNonsense, ""}) {
      const Status created = subject.create(with(subject, field, value));
      if (!created.ok()) {
        DAYMILL_TRY(check_error("create with " + field + " \"" + printable(value) + "\"", created));
      }
    }
  }
  return {};
}

/// What the component answers when it is made and asked for the first things.
std::vector<Status> first_answers(const Subject& subject) {
  std::vector<Status> answers;
  const auto note = [&](const Status& status) { answers.push_back(status); };
  if (subject.component.kind == ComponentKind::source) {
    const auto source = subject.source();
    note(source.status());
    if (source.ok()) {
      note((*source)->schema().status());
      note((*source)->plan(subject.day).status());
      note((*source)->check().status());
    }
  } else if (subject.component.kind == ComponentKind::sink) {
    const auto sink = subject.sink();
    note(sink.status());
    if (sink.ok()) {
      note((*sink)->bind(subject.rows.schema(), "daymill_certify"));
      note((*sink)->check().status());
    }
  } else {
    const auto transform = subject.transform();
    note(transform.status());
    if (transform.ok()) {
      note((*transform)->bind(Schema{}).status());
    }
  }
  return answers;
}

CheckResult mapped(const Subject& subject) {
  for (const Status& answer : first_answers(subject)) {
    if (!answer.ok()) {
      DAYMILL_TRY(check_error("a call", answer));
    }
  }
  return {};
}

CheckResult no_secret(const Subject& subject) {
  if (subject.secret_fields.empty()) {
    return {Outcome::not_applicable, "no setting is declared secret"};
  }
  Subject other = subject;
  for (const std::string& field : subject.secret_fields) {
    other.settings = with(other, field, kSecret);
  }
  std::string said;
  for (const Status& answer : first_answers(other)) {
    said += answer.to_string() + "\n";
  }
  if ((said + subject.host->logged()).find(kSecret) != std::string::npos) {
    return broken_promise("a secret setting is shown in an error or in the log");
  }
  return {};
}

}  // namespace

std::vector<Check> error_checks() {
  return {{"errors.no_settings", "created without any setting: an answer, not a crash",
           Needs::nothing, 0, without_settings},
          {"errors.nonsense", "created with nonsense in each text setting: an answer",
           Needs::nothing, 0, with_nonsense},
          {"errors.mapped", "errors have a code of the list, not INTERNAL, and a message",
           Needs::settings, 0, mapped},
          {"errors.no_secret", "no secret in errors and log", Needs::settings, 0, no_secret}};
}

}  // namespace daymill

// The one place in a plugin that catches: everything that the host calls runs inside guarded().
// Part of <daymill/plugin.hpp>: include that.
#pragma once

namespace daymill::detail {

/// Runs `body` (returns Status) and turns its Status, or whatever it throws, into a code and
/// *error.
template <typename Body>
daymill_code guarded(daymill_error* error, Body&& body) noexcept {
  try {
    return to_c(body(), error);
  } catch (const std::bad_alloc&) {
    return plain_error(DAYMILL_RESOURCE_EXHAUSTED, "no memory left (std::bad_alloc)", error);
  } catch (const std::exception& exception) {
    try {
      return to_c(Status(Code::internal, std::string("uncaught exception: ") + exception.what()),
                  error);
    } catch (...) {
      return plain_error(DAYMILL_INTERNAL, "uncaught exception", error);
    }
  } catch (...) {
    return plain_error(DAYMILL_INTERNAL, "uncaught exception of an unknown type", error);
  }
}

/// Deletes an object that the host held; a destructor that throws is swallowed, as there is nobody
/// to tell.
template <typename Object>
void destroy_thunk(void* self) {
  try {
    delete static_cast<Object*>(self);
  } catch (...) {
  }
}

/// Puts a new object into a pair of function table and self. INTERNAL when there is none.
template <typename Handle, typename Functions, typename Object>
Status hand_out(Result<std::unique_ptr<Object>> made, const Functions* functions, Handle* out) {
  DAYMILL_ASSIGN(std::unique_ptr<Object> object, std::move(made));
  if (object == nullptr) {
    return Status(Code::internal, "the plugin returned a null object without an error");
  }
  out->functions = functions;
  out->self = object.release();
  return {};
}

/// T::create behind the create functions of all three kinds. Base is Source, Transform or Sink.
template <typename Base, typename T>
daymill_code create_thunk(const daymill_host* host, const daymill_config* config, void** out,
                          daymill_error* error) {
  return guarded(error, [&]() -> Status {
    Result<std::unique_ptr<Base>> made = T::create(from_c(config), Host(host));
    DAYMILL_ASSIGN(std::unique_ptr<Base> object, std::move(made));
    if (object == nullptr) {
      return Status(Code::internal, "create returned a null object without an error");
    }
    *out = object.release();
    return {};
  });
}

}  // namespace daymill::detail

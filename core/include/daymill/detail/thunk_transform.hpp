// A C++ Transform behind daymill_transform_functions. Part of <daymill/plugin.hpp>: include that.
#pragma once

namespace daymill::detail {

inline daymill_code transform_bind(void* self, const daymill_schema* in, daymill_schema* out,
                                   daymill_error* error) {
  return guarded(error, [&]() -> Status {
    DAYMILL_ASSIGN(const Schema schema, from_c(in));
    DAYMILL_ASSIGN(Schema bound, static_cast<Transform*>(self)->bind(schema));
    own(std::move(bound), out);
    return {};
  });
}

inline daymill_code transform_open(void* self, const daymill_partition* partition,
                                   daymill_lane* out, daymill_error* error) {
  return guarded(error, [&] {
    return hand_out(static_cast<Transform*>(self)->open(from_c(partition)), &kLaneFunctions, out);
  });
}

template <typename T>
inline const daymill_transform_functions kTransformFunctions = {
    sizeof(daymill_transform_functions), create_thunk<Transform, T>, destroy_thunk<Transform>,
    transform_bind, transform_open};

}  // namespace daymill::detail

// Conversions of what sources give and take: splits and removals. Part of <daymill/plugin.hpp>:
// include that; the rules are in exchange.hpp.
#pragma once

namespace daymill::detail {

inline daymill_split to_c(const Split& split) {
  auto view = empty_struct<daymill_split>();
  view.id = to_c(split.id);
  view.location = to_c(split.location);
  view.present = split.present ? 1 : 0;
  view.estimated_rows = split.estimated_rows;
  view.removals = split.removals;
  view.removed_fingerprint = to_c(split.removed_fingerprint);
  view.removed_by = to_c(split.removed_by);
  view.record_problem = to_c(split.record_problem);
  return view;
}

inline Split from_c(const daymill_split* split) {
  const daymill_split known = known_part(split);
  return Split{from_c(known.id),         from_c(known.location),
               known.present != 0,       known.estimated_rows,
               known.removals,           from_c(known.removed_fingerprint),
               from_c(known.removed_by), from_c(known.record_problem)};
}

inline void own(std::vector<Split> splits, daymill_split_list* out) {
  struct Content {
    std::vector<Split> splits;
    std::vector<daymill_split> views;
  };
  auto content = std::make_unique<Content>();
  content->splits = std::move(splits);
  content->views.reserve(content->splits.size());
  for (const Split& split : content->splits) {
    content->views.push_back(to_c(split));
  }
  *out = empty_struct<daymill_split_list>();
  out->n_splits = content->views.size();
  out->splits = content->views.data();
  give(std::move(content), out);
}

inline std::vector<Split> from_c(const daymill_split_list* list) {
  const daymill_split_list known = known_part(list);
  std::vector<Split> splits;
  splits.reserve(known.n_splits);
  for (std::size_t i = 0; i < known.n_splits; ++i) {
    const daymill_split split = known_element(known.splits, i);
    splits.push_back(from_c(&split));
  }
  return splits;
}

/// `reader` is the reader's self on the plugin's side of the edge, or null.
inline daymill_removal to_c(const RemovalProof& proof, void* reader) {
  auto view = empty_struct<daymill_removal>();
  view.reader = reader;
  view.generation = proof.generation;
  view.fingerprint = to_c(proof.fingerprint);
  view.pipeline = to_c(proof.pipeline);
  view.sink = to_c(proof.sink);
  view.kind = static_cast<std::int32_t>(proof.kind);
  return view;
}

/// `reader` is the plugin's own object behind removal->reader, or null.
inline RemovalProof from_c(const daymill_removal* removal, Reader* reader) {
  const daymill_removal known = known_part(removal);
  return RemovalProof{reader,
                      known.generation,
                      from_c(known.fingerprint),
                      from_c(known.pipeline),
                      from_c(known.sink),
                      static_cast<RemovalKind>(known.kind)};
}

}  // namespace daymill::detail

// Removals that somebody decided on: PROTOCOL of docs/delivery.md, "decide".
#pragma once

#include "daymill/plugin.hpp"
#include "reader.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// By proof.kind:
///   discard      what `reader` read is not to be counted: unlinks the key and sets the removal
///                record in one MULTI/EXEC under the reader's own WATCH. The record before may be
///                any that the reader read. `changed` when key or record are no longer what it
///                read.
///   record_only  sets the removal record, if it is still what `split` says, and leaves the key as
///                it is. `changed` when the record is another. `reader` is not needed.
/// With generation 0 the removal record is deleted. already_removed when everything is as it was to
/// be. Idempotent. INVALID_CONFIG when the pipeline removes on behalf of another sink than before.
Result<Removal> remove_as_decided(const Settings& settings, const Host& engine, const Split& split,
                                  HashReader* reader, const RemovalProof& proof);

}  // namespace daymill::redis_hash

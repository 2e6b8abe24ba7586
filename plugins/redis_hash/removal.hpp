// Removes a key against a proof or a decision, and says so in its removal record: PROTOCOL of
// docs/delivery.md.
#pragma once

#include <string>

#include "daymill/plugin.hpp"
#include "reader.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// By proof: unlinks the split's key and sets its removal record in one MULTI/EXEC, if nothing
/// changed since before `reader` read it; without a reader, only sets the record of a key that is
/// absent. Never anything but a MULTI unlinks. Idempotent. NEEDS_DECISION when the record
/// contradicts the proof, INVALID_CONFIG when the pipeline removes on behalf of another sink than
/// before. By decision: see decided_removal.hpp.
Result<Removal> remove_key(const Settings& settings, const Host& engine, const Split& split,
                           HashReader* reader, const RemovalProof& proof);

}  // namespace daymill::redis_hash

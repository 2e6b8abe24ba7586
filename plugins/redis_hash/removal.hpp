// Removes a key against a proof, and says so in its removal record: PROTOCOL of docs/delivery.md.
#pragma once

#include <string>

#include "daymill/plugin.hpp"
#include "reader.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// Unlinks `key` and sets its removal record in one MULTI/EXEC, if nothing changed since before
/// `reader` read it; without a reader, only sets the record of a key that is absent. Never anything
/// but a MULTI unlinks. Idempotent. NEEDS_DECISION when the record contradicts the proof,
/// INVALID_CONFIG when the pipeline removes on behalf of another sink than before.
Result<Removal> remove_key(const Settings& settings, const Host& engine, const std::string& key,
                           HashReader* reader, const RemovalProof& proof);

}  // namespace daymill::redis_hash

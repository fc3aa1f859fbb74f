#pragma once

namespace tusk {

/// Overwrites and drops all SCRAM keys that this process keeps in memory (`connect_options::scram_cache_keys`).
///
/// The next login derives its keys anew. For programs that will not connect again for long, and for pools that are
/// disposed of.
/// @par Thread safety  Call from anywhere.
void forget_scram_keys() noexcept;

} // namespace tusk

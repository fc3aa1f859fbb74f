#pragma once

#include "connection/candidate.hpp"
#include "transport/tls_settings.hpp"

#include <tusk/driver/connect_options.hpp>

namespace tusk::detail {

/// The TLS settings that the options mean for one server: with libpq's rules for the files that nobody named.
/// @throws usage_error  A file that the options name, or that `sslmode` needs, is not there.
[[nodiscard]] transport::tls_settings tls_settings_for(const connect_options& options, const candidate& to);

/// The program has said that it does not go without TLS.
[[nodiscard]] bool is_tls_mandatory(const connect_options& options) noexcept;

} // namespace tusk::detail

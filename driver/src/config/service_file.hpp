#pragma once

#include "config/setting.hpp"

#include <tusk/driver/connect_options.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tusk::config {

/// The settings of a service: from the file that is named, or `.pg_service.conf` in the home directory, or
/// `pg_service.conf` in the system's folder for such files. Of a doubled key the first counts.
/// @param name         The service.
/// @param file         The one that the connection string names; nothing: PGSERVICEFILE, or the usual places.
/// @param environment  Gives PGSERVICEFILE and PGSYSCONFDIR.
/// @param home         The home directory; may be empty.
/// @throws usage_error  The service is nowhere, or its file is malformed; the message names file and line.
/// @see PostgreSQL documentation, "The Connection Service File".
[[nodiscard]] settings read_service(std::string_view name, std::optional<std::string> file,
                                    const environment_reader& environment, const std::string& home);

} // namespace tusk::config

#pragma once

#include "migrate/revision.hpp"

#include <tusk/orm/migrate.hpp>

#include <string>

namespace tusk::migrate::detail {

enum class command { init, revision, merge, upgrade, downgrade, current, heads, branches, history, show, stamp, check };

/// What was typed.
struct command_line {
    command which{};
    settings with;
    std::string url;
    std::string target;
    std::string range;
    revision_options revision;
    bool autogenerate = false;
    bool sql = false;
    bool purge = false;
    bool check_heads = false;
    bool verbose = false;
};

/// @returns The exit code; see `tusk::migrate::main`.
int run_command(const command_line& line, const orm::metadata& model, const steps& also);

} // namespace tusk::migrate::detail

#pragma once

/// The whole ORM layer but its migrations, which have an umbrella of their own (`tusk/orm/migrate.hpp`).
#include <tusk/orm/metadata.hpp>
#include <tusk/orm/query.hpp>
#include <tusk/orm/schema.hpp>

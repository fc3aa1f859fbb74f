#pragma once

/// The whole ORM layer but its migrations, which have an umbrella of their own (`tusk/orm/migrate.hpp`).
#include <tusk/driver/conditions.hpp>
#include <tusk/orm/error.hpp>
#include <tusk/orm/from_sql.hpp>
#include <tusk/orm/metadata.hpp>
#include <tusk/orm/page.hpp>
#include <tusk/orm/paginate.hpp>
#include <tusk/orm/query.hpp>
#include <tusk/orm/query_verbs.hpp>
#include <tusk/orm/repository.hpp>
#include <tusk/orm/row_batches.hpp>
#include <tusk/orm/schema.hpp>
#include <tusk/orm/session.hpp>
#include <tusk/orm/session_factory.hpp>
#include <tusk/session.hpp>

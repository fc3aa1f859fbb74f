#pragma once

/// All that queries are written with.
#include <tusk/orm/aggregate.hpp>
#include <tusk/orm/alias.hpp>
#include <tusk/orm/case.hpp>
#include <tusk/orm/col.hpp>
#include <tusk/orm/delete.hpp>
#include <tusk/orm/exists.hpp>
#include <tusk/orm/expr.hpp>
#include <tusk/orm/functions.hpp>
#include <tusk/orm/insert.hpp>
#include <tusk/orm/json.hpp>
#include <tusk/orm/loader.hpp>
#include <tusk/orm/operators.hpp>
#include <tusk/orm/select.hpp>
#include <tusk/orm/statement_result.hpp>
#include <tusk/orm/subquery.hpp>
#include <tusk/orm/text_search.hpp>
#include <tusk/orm/to_sql.hpp>
#include <tusk/orm/update.hpp>
#include <tusk/orm/window.hpp>

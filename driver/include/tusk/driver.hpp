#pragma once

/// The driver: one connection to PostgreSQL, and all that can be done with it.

#include <tusk/driver/as_type.hpp>
#include <tusk/driver/codec.hpp>
#include <tusk/driver/codecs.hpp>
#include <tusk/driver/column.hpp>
#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/conditions.hpp>
#include <tusk/driver/connect.hpp>
#include <tusk/driver/connect_options.hpp>
#include <tusk/driver/connection.hpp>
#include <tusk/driver/date.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/failure.hpp>
#include <tusk/driver/field_view.hpp>
#include <tusk/driver/login_request.hpp>
#include <tusk/driver/oid.hpp>
#include <tusk/driver/outcome.hpp>
#include <tusk/driver/parameters.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/driver/row_range.hpp>
#include <tusk/driver/row_view.hpp>
#include <tusk/driver/scram_keys.hpp>
#include <tusk/driver/server_error.hpp>
#include <tusk/driver/shared_connection.hpp>
#include <tusk/driver/sqlstate.hpp>
#include <tusk/driver/timestamp.hpp>
#include <tusk/driver/timestamptz.hpp>
#include <tusk/driver/transaction.hpp>
#include <tusk/driver/transaction_options.hpp>
#include <tusk/driver/type_name.hpp>
#include <tusk/driver/uuid.hpp>
#include <tusk/driver/verbs.hpp>

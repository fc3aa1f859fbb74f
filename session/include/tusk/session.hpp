#pragma once

/// Everything of engine and session, and the pool and driver below them.
#include <tusk/pool.hpp>
#include <tusk/session/engine.hpp>
#include <tusk/session/engine_options.hpp>
#include <tusk/session/error.hpp>
#include <tusk/session/retry_options.hpp>
#include <tusk/session/savepoint.hpp>
#include <tusk/session/session.hpp>
#include <tusk/session/statement_event.hpp>
#include <tusk/session/test_transaction.hpp>

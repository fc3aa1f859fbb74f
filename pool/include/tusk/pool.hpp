#pragma once

/// Everything of the pool, and the driver below it.
#include <tusk/driver.hpp>
#include <tusk/pool/close_reason.hpp>
#include <tusk/pool/counters.hpp>
#include <tusk/pool/error.hpp>
#include <tusk/pool/lease_report.hpp>
#include <tusk/pool/options.hpp>
#include <tusk/pool/pool.hpp>
#include <tusk/pool/pooled_connection.hpp>
#include <tusk/pool/status.hpp>

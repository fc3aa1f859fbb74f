#pragma once

/// Everything of the pool.
#include <tusk/driver.hpp>
#include <tusk/pool/close_reason.hpp>
#include <tusk/pool/counters.hpp>
#include <tusk/pool/status.hpp>

#pragma once

/// The codecs of all built-in types. What each C++ type decodes from and encodes for stands at its codec.
#include <tusk/driver/codec/array.hpp>
#include <tusk/driver/codec/bit_string.hpp>
#include <tusk/driver/codec/boolean.hpp>
#include <tusk/driver/codec/bytes.hpp>
#include <tusk/driver/codec/composite.hpp>
#include <tusk/driver/codec/date_time.hpp>
#include <tusk/driver/codec/enumeration.hpp>
#include <tusk/driver/codec/floating.hpp>
#include <tusk/driver/codec/geometry.hpp>
#include <tusk/driver/codec/hstore.hpp>
#include <tusk/driver/codec/integer.hpp>
#include <tusk/driver/codec/interval.hpp>
#include <tusk/driver/codec/network.hpp>
#include <tusk/driver/codec/numeric.hpp>
#include <tusk/driver/codec/range.hpp>
#include <tusk/driver/codec/system.hpp>
#include <tusk/driver/codec/text.hpp>
#include <tusk/driver/codec/time_of_day.hpp>
#include <tusk/driver/codec/uuid.hpp>
#include <tusk/driver/codec/variant.hpp>

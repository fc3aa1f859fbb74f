#pragma once

#include <tusk/driver/codec.hpp>

#include <map>
#include <optional>
#include <string>

namespace tusk {

/// The pairs of the extension hstore; a value may be NULL.
using hstore = std::map<std::string, std::optional<std::string>>;

template <>
struct codec<hstore> {
    static constexpr std::string_view name = "tusk::hstore";
    static constexpr std::string_view fits = "hstore";
    static decode_function<hstore> decoder(server_type type, format as) noexcept;
    static encode_plan<hstore> encoder(server_type type) noexcept;
};

} // namespace tusk
